//! A rule made ready to decide: its filters read, its draw computed. What it decides follows from the session alone.

use std::collections::{HashMap, HashSet};

use turnwise_model::filter::{Filter, FilterError};
use turnwise_model::rule::Rule;
use turnwise_model::sampling::{draw, is_sampled};
use turnwise_model::{Micros, Probability, ProjectId, SessionId};
use turnwise_store::{Store, StoreError};

/// A rule with its filters read.
#[derive(Debug, Clone)]
pub(super) struct Design {
    pub(super) rule: Rule,
    pub(super) filter: Filter,
    strata: Vec<Filter>,
}

/// Where a session stands in a design: the place of its stratum, or `None` for the rest.
pub(super) type Place = Option<usize>;

/// What came of the draw of one session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drawn {
    /// The rate with which the rule takes sessions of this stratum, before any cap.
    pub(super) rate: Probability,
    /// The probability with which it was taken: the rate, lowered by the cap.
    pub(super) probability: Probability,
    /// Whether the rule's rate takes it.
    pub(super) in_rate: bool,
    /// Whether it is taken, also under the cap.
    pub(super) sampled: bool,
}

impl Design {
    pub(super) fn of(rule: Rule) -> Result<Self, FilterError> {
        let filter = Filter::parse(&rule.filter)?;
        let strata = rule.sampling.strata.iter().map(|stratum| Filter::parse(&stratum.filter));
        let strata = strata.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { filter, strata, rule })
    }

    /// The rate of a stratum, or of the rest.
    pub(super) fn rate(&self, place: Place) -> Probability {
        let sampling = &self.rule.sampling;
        place.and_then(|place| sampling.strata.get(place)).map_or(sampling.rate, |stratum| stratum.rate)
    }

    /// The name of a stratum; `None` for the rest.
    pub(super) fn stratum(&self, place: Place) -> Option<String> {
        place.and_then(|place| self.rule.sampling.strata.get(place)).map(|stratum| stratum.name.clone())
    }

    /// By what share of its rate a session is taken: it is in the rate iff this is less than 1, and of several caps the
    /// one takes it that thins less. Infinite where the rate is 0.
    pub(super) fn urgency(&self, session: SessionId, place: Place) -> f64 {
        draw(&self.rule.sampling.salt, session) / self.rate(place).get()
    }

    /// Draws. `thinning` lowers every rate; 1 leaves them as they are.
    pub(super) fn draw(&self, session: SessionId, place: Place, thinning: f64) -> Drawn {
        let rate = self.rate(place);
        let in_rate = is_sampled(&self.rule.sampling.salt, session, rate);
        if thinning >= 1.0 {
            return Drawn { rate, probability: rate, in_rate, sampled: in_rate };
        }
        let probability = Probability::new(rate.get() * thinning.max(0.0)).unwrap_or(Probability::ZERO);
        Drawn { rate, probability, in_rate, sampled: in_rate && self.urgency(session, place) < thinning }
    }

    /// The sessions that pass the filter, each with its place.
    pub(super) async fn placed(
        &self,
        store: &Store,
        project: ProjectId,
        sessions: &[SessionId],
        now: Micros,
    ) -> Result<HashMap<SessionId, Place>, StoreError> {
        let passed = store.sessions_that_pass(project, &self.filter, now, sessions).await?;
        self.places(store, project, passed, now).await
    }

    /// The place of each of these sessions, which pass the filter.
    pub(super) async fn places(
        &self,
        store: &Store,
        project: ProjectId,
        passed: HashSet<SessionId>,
        now: Micros,
    ) -> Result<HashMap<SessionId, Place>, StoreError> {
        let mut places = HashMap::with_capacity(passed.len());
        let mut left = passed;
        for (number, stratum) in self.strata.iter().enumerate() {
            if left.is_empty() {
                break;
            }
            let ids: Vec<SessionId> = left.iter().copied().collect();
            for session in store.sessions_that_pass(project, stratum, now, &ids).await? {
                left.remove(&session);
                places.insert(session, Some(number));
            }
        }
        places.extend(left.into_iter().map(|session| (session, None)));
        Ok(places)
    }

    /// The stratum filters in order, for those who have the session at hand.
    pub(super) fn strata(&self) -> &[Filter] {
        &self.strata
    }
}
