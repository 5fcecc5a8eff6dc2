//! A rule as its form sends it: every field a text, so that what is wrong can be said where it stands.

use serde::{Deserialize, Serialize};

/// The fields of the rule form, as `form[…]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    /// Name.
    pub name: String,
    /// Filter of the rule.
    pub filter: String,
    /// Rate of the rest, in percent.
    pub rate: String,
    /// Salt of the draw; empty for one that is chosen.
    pub salt: String,
    /// Strata; one without name and filter is left out.
    pub strata: Vec<StratumFields>,
    /// Ids of the evaluators chosen.
    pub evaluators: Vec<String>,
    /// Routes; one without a queue is left out.
    pub routes: Vec<RouteFields>,
    /// Rate of the audit arm, in percent.
    pub audit_rate: String,
    /// Its queue; empty for no audit arm.
    pub audit_queue: String,
    /// Salt of its draw.
    pub audit_salt: String,
    /// `on` when it runs on new sessions.
    pub enabled: String,
}

/// A stratum in the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StratumFields {
    /// Name.
    pub name: String,
    /// Filter.
    pub filter: String,
    /// Rate, in percent.
    pub rate: String,
}

/// A route in the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteFields {
    /// Name of the score, or `*`.
    pub score: String,
    /// `failed`, `below` or `above`.
    pub test: String,
    /// The limit of the latter two.
    pub than: String,
    /// Id of the queue.
    pub queue: String,
}

/// A share as a percentage without needless digits: 0.2 is `20`, 0.005 is `0.5`.
#[must_use]
pub fn percent(share: f64) -> String {
    let rounded = (share * 1e10).round() / 1e8;
    rounded.to_string()
}

#[cfg(feature = "ssr")]
mod reading {
    use turnwise_model::rule::{Audit, Condition, Route, Rule, Sampling, Stratum, Test};
    use turnwise_model::view::rule::RuleDraft;
    use turnwise_model::{Probability, QueueId};

    use super::{RouteFields, RuleForm, StratumFields, percent};
    use crate::AppError;

    #[derive(serde::Deserialize)]
    struct Sent {
        #[serde(default)]
        form: RuleForm,
    }

    impl RuleForm {
        /// Reads the query string that a form with these fields sends.
        pub fn from_query(query: &str) -> Result<Self, AppError> {
            let sent: Sent = serde_qs::Config::new(5, false)
                .deserialize_str(query.trim_start_matches('?'))
                .map_err(|_| AppError::invalid("", "the address holds no draft of a rule that can be read"))?;
            Ok(sent.form)
        }

        /// The form of a rule as it is.
        #[must_use]
        pub fn of(rule: &Rule) -> Self {
            let strata = rule.sampling.strata.iter().map(|stratum| StratumFields {
                name: stratum.name.clone(),
                filter: stratum.filter.clone(),
                rate: percent(stratum.rate.get()),
            });
            let routes = rule.routes.iter().map(|route| {
                let (test, than) = match route.when.test {
                    Test::Failed => ("failed", String::new()),
                    Test::Below(limit) => ("below", limit.to_string()),
                    Test::Above(limit) => ("above", limit.to_string()),
                };
                RouteFields {
                    score: route.when.score.clone(),
                    test: test.to_owned(),
                    than,
                    queue: route.queue.to_string(),
                }
            });
            let audit = rule.audit.as_ref();
            Self {
                name: rule.name.clone(),
                filter: rule.filter.clone(),
                rate: percent(rule.sampling.rate.get()),
                salt: rule.sampling.salt.clone(),
                strata: strata.collect(),
                evaluators: rule.evaluators.iter().map(ToString::to_string).collect(),
                routes: routes.collect(),
                audit_rate: audit.map(|audit| percent(audit.rate.get())).unwrap_or_default(),
                audit_queue: audit.map(|audit| audit.queue.to_string()).unwrap_or_default(),
                audit_salt: audit.map(|audit| audit.salt.clone()).unwrap_or_default(),
                enabled: if rule.enabled { "on".to_owned() } else { String::new() },
            }
        }

        /// The form of a rule that is begun.
        #[must_use]
        pub fn new() -> Self {
            Self { rate: "100".to_owned(), audit_rate: "10".to_owned(), enabled: "on".to_owned(), ..Self::default() }
        }

        /// What the form describes.
        pub fn draft(&self) -> Result<RuleDraft, AppError> {
            let strata = self.strata.iter().enumerate();
            let strata = strata.filter(|(_, one)| !one.name.trim().is_empty() || !one.filter.trim().is_empty());
            let strata = strata.map(|(number, one)| {
                let rate = share(&format!("strata[{number}].rate"), &one.rate)?;
                Ok(Stratum { name: one.name.clone(), filter: one.filter.clone(), rate })
            });
            let sampling = Sampling {
                rate: share("rate", &self.rate)?,
                salt: self.salt.clone(),
                strata: strata.collect::<Result<Vec<_>, AppError>>()?,
            };
            let evaluators = self.evaluators.iter().map(|id| {
                id.parse().map_err(|_| AppError::invalid("evaluators", "choose evaluators of the list").answered())
            });
            let routes = self.routes.iter().enumerate().filter(|(_, one)| !one.queue.is_empty());
            let audit = match self.audit_queue.as_str() {
                "" => None,
                queue => Some(Audit {
                    rate: share("audit.rate", &self.audit_rate)?,
                    salt: self.audit_salt.clone(),
                    queue: chosen("audit.queue", queue)?,
                }),
            };
            Ok(RuleDraft {
                name: self.name.clone(),
                filter: self.filter.clone(),
                sampling,
                evaluators: evaluators.collect::<Result<Vec<_>, AppError>>()?,
                routes: routes.map(|(number, one)| one.route(number)).collect::<Result<Vec<_>, AppError>>()?,
                audit,
                enabled: !self.enabled.is_empty(),
            })
        }
    }

    impl RouteFields {
        fn route(&self, number: usize) -> Result<Route, AppError> {
            let limit = || {
                let limit: Option<f64> = self.than.trim().replace(',', ".").parse().ok();
                let field = format!("routes[{number}].than");
                limit.ok_or_else(|| AppError::in_row(&field, "write the limit as a number, such as 0.5").answered())
            };
            let test = match self.test.as_str() {
                "below" => Test::Below(limit()?),
                "above" => Test::Above(limit()?),
                _ => Test::Failed,
            };
            let when = Condition { score: self.score.trim().to_owned(), test };
            Ok(Route { when, queue: chosen(&format!("routes[{number}].queue"), &self.queue)? })
        }
    }

    fn share(field: &str, text: &str) -> Result<Probability, AppError> {
        let number: Option<f64> = text.trim().trim_end_matches('%').trim().replace(',', ".").parse().ok();
        let share = number.and_then(|percent| Probability::new(percent / 100.0).ok());
        share.ok_or_else(|| AppError::in_row(field, "write a percentage from 0 to 100").answered())
    }

    fn chosen(field: &str, queue: &str) -> Result<QueueId, AppError> {
        queue.parse().map_err(|_| AppError::in_row(field, "choose a queue of the list").answered())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_a_form_sends_becomes_the_draft() {
            let queue = "0198c0de-1111-7000-8000-000000000000";
            let query = format!(
                "?form%5Bname%5D=Doubtful&form[rate]=12.5&form[strata][0][name]=bad&form[strata][0][filter]=errors%20%3E%200\
                 &form[strata][0][rate]=100&form[strata][1][name]=&form[strata][1][filter]=&form[strata][1][rate]=\
                 &form[routes][0][score]=*&form[routes][0][test]=below&form[routes][0][than]=0,4&form[routes][0][queue]={queue}\
                 &form[routes][1][score]=&form[routes][1][queue]=&form[audit_rate]=5&form[audit_queue]={queue}"
            );
            let draft = RuleForm::from_query(&query).unwrap().draft().unwrap();
            assert_eq!((draft.name.as_str(), draft.sampling.rate.get()), ("Doubtful", 0.125));
            assert_eq!(draft.sampling.strata.len(), 1, "an empty row is none");
            assert_eq!(draft.routes[0].when.test, Test::Below(0.4));
            assert_eq!((draft.routes.len(), draft.audit.unwrap().rate.get(), draft.enabled), (1, 0.05, false));
        }

        #[test]
        fn shares_are_written_as_they_were_read() {
            for written in ["20", "0.5", "33.3", "100", "0.01"] {
                assert_eq!(percent(share("rate", written).unwrap().get()), written);
            }
            assert_eq!(
                share("rate", "120").unwrap_err().under("rate").as_deref(),
                Some("Write a percentage from 0 to 100.")
            );
        }
    }
}
