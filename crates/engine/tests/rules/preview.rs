//! A preview says what then happens.

use std::time::Duration;

use turnwise_model::rule::Stratum;
use turnwise_store::contract;

use crate::setting::{Setting, Verdict, share};

contract! {
    async fn a_preview_equals_what_then_happens(store) {
        let setting = Setting::new(&store).await;
        let (one, other) = (setting.evaluator(&store, "one").await, setting.evaluator(&store, "other").await);
        let names: Vec<String> = (0..40).map(|number| format!("chat-{number}")).collect();
        let conversations: Vec<(&str, usize)> = names.iter().enumerate().map(|(number, name)| (name.as_str(), 1 + number % 4)).collect();
        setting.closed(&store, &conversations).await;
        setting.apply(&store).await;
        let mut draft = setting.draft(0.4, &[&one, &other]);
        draft.filter = "turns >= 2".to_owned();
        draft.sampling.strata = vec![Stratum { name: "long".to_owned(), filter: "turns = 4".to_owned(), rate: share(1.0) }];
        draft.audit = setting.audit(0.5);
        let rules = setting.engine.rules();
        let before = rules.preview(&setting.access, &draft).await.unwrap();
        assert_eq!((before.sessions, before.matched, before.judge_calls, before.is_scaled), (40, 30, 0, false));
        assert_eq!(before.routed, None);
        assert!(before.routed_unknown.as_ref().unwrap().contains("backfill"), "{before:?}");
        assert_eq!(before.strata.iter().map(|part| (part.name.as_deref(), part.matched)).collect::<Vec<_>>(), [(Some("long"), 10), (None, 20)]);
        assert!(store.rows("select rule_id from rules").await.is_empty(), "nothing was done");
        let rule = setting.create(&draft).await;
        let backfill = rules.backfill(&setting.access, rule.id, 1_000).await.unwrap();
        setting.backfill(&store).await;
        let did = rules.backfill_progress(&setting.access, backfill.id).await.unwrap();
        assert_eq!((did.matched, did.sampled, did.evaluations).map_unsigned(), (before.matched, before.sampled, before.evaluations));
        setting.evaluate(&store, |name| if name.ends_with('3') { Verdict::FailsTurn(1) } else { Verdict::Passes }).await;
        let with_scores = rules.preview_change(&setting.access, Some(rule.id), &draft).await.unwrap();
        setting.route(&store).await;
        let activity = rules.get(&setting.access, rule.id).await.unwrap().activity;
        assert_eq!((activity.matched, activity.sampled).map_unsigned(), (before.matched, before.sampled));
        assert_eq!(with_scores.routed, Some(u64::try_from(activity.flagged).unwrap()));
        assert_eq!(with_scores.routed_from, before.sampled);
        assert_eq!(before.audited, u64::try_from(activity.audited).unwrap());
        assert!(activity.flagged > 0 && activity.audited > 0, "{activity:?}");
        let listed = rules.list(&setting.access).await.unwrap();
        assert_eq!((listed[0].activity, listed[0].evaluators.join(" "), listed[0].queues.join(" ")), (activity, "one other".to_owned(), "Doubtful".to_owned()));
    }

    async fn only_the_last_seven_days_are_looked_at(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        setting.closed(&store, &[("long ago", 1)]).await;
        store.clock.advance(Duration::from_secs(8 * 86_400));
        setting.closed(&store, &[("today", 1)]).await;
        let preview = setting.engine.rules().preview(&setting.access, &setting.draft(1.0, &[&one])).await.unwrap();
        assert_eq!((preview.sessions, preview.matched, preview.sampled), (1, 1, 1));
    }
}

trait MapUnsigned {
    type Unsigned;
    fn map_unsigned(self) -> Self::Unsigned;
}

impl MapUnsigned for (i64, i64, i64) {
    type Unsigned = (u64, u64, u64);
    fn map_unsigned(self) -> Self::Unsigned {
        (self.0.unsigned_abs(), self.1.unsigned_abs(), self.2.unsigned_abs())
    }
}

impl MapUnsigned for (i64, i64) {
    type Unsigned = (u64, u64);
    fn map_unsigned(self) -> Self::Unsigned {
        (self.0.unsigned_abs(), self.1.unsigned_abs())
    }
}
