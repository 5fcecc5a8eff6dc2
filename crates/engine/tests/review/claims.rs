//! A claim holds a task for a while, and never longer than somebody works on it.

use std::time::Duration;

use turnwise_engine::review::{ReviewError, Submission};
use turnwise_model::access::Role;
use turnwise_model::view::review::QueueDraft;

use super::setting::{Setting, answers, draft, resolved, submission};

const LEASE: Duration = Duration::from_secs(300);

turnwise_store::contract! {
    async fn a_held_task_is_nobody_elses_and_comes_back_to_its_holder(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 2).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let first = setting.task(&setting.olga, &queue).await;
        assert_ne!(setting.task(&rita, &queue).await.task, first.task);
        let nothing = setting.engine.reviews().next(&rita, queue.id, Some(setting.task(&rita, &queue).await.task)).await.unwrap();
        assert!(nothing.task.is_none());
        assert_eq!(nothing.held_by_others, 1);
        let again = setting.task(&setting.olga, &queue).await;
        assert_eq!((again.task, again.ticket.claim), (first.task, first.ticket.claim), "a reload shows the same task");
    }

    async fn the_task_ahead_is_another_one_even_where_the_present_one_wants_more_reviews(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, QueueDraft { overlap: 3, ..draft("Resolution") }, 2).await;
        let current = setting.task(&setting.olga, &queue).await;
        let reviews = setting.engine.reviews();
        let ahead = reviews.next(&setting.olga, queue.id, Some(current.task)).await.unwrap().task.unwrap();
        assert_ne!(ahead.task, current.task);
        setting.submit(&setting.olga, &current, resolved("yes")).await;
        setting.submit(&setting.olga, &ahead, resolved("yes")).await;
        assert!(setting.next(&setting.olga, &queue).await.task.is_none());
    }

    async fn the_next_task_is_claimed_ahead(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 2).await;
        let current = setting.task(&setting.olga, &queue).await;
        let ahead = setting.engine.reviews().next(&setting.olga, queue.id, Some(current.task)).await.unwrap().task.unwrap();
        assert_ne!(ahead.task, current.task);
        assert_eq!(setting.task(&setting.olga, &queue).await.task, current.task, "the one on screen comes first");
        setting.submit(&setting.olga, &current, resolved("yes")).await;
        assert_eq!(setting.task(&setting.olga, &queue).await.ticket.claim, ahead.ticket.claim);
    }

    async fn a_lapsed_task_is_handed_to_another_and_the_late_answers_are_kept(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let task = setting.task(&setting.olga, &queue).await;
        assert!(setting.next(&rita, &queue).await.task.is_none());
        store.clock.advance(LEASE + Duration::from_secs(1));
        let hers = setting.task(&rita, &queue).await;
        assert_eq!(hers.task, task.task);
        assert!(hers.ticket.fence > task.ticket.fence);

        let late = setting.engine.reviews().submit(&setting.olga, &submission(&task, resolved("partly"))).await;
        assert!(matches!(late, Err(ReviewError::ClaimLapsed)), "{late:?}");
        setting.submit(&rita, &hers, resolved("yes")).await;
        let too_late = setting.engine.reviews().submit(&setting.olga, &submission(&task, resolved("partly"))).await;
        assert!(matches!(too_late, Err(ReviewError::TaskFull)), "{too_late:?}");
        assert!(matches!(setting.engine.reviews().take(&setting.olga, task.task).await, Err(ReviewError::TaskFull)));

        // A second review becomes wanted: the answers that were kept are there.
        setting.engine.queues().update(&setting.olga, queue.id, &QueueDraft { overlap: 2, ..draft("Resolution") }).await.unwrap();
        let taken = setting.engine.reviews().take(&setting.olga, task.task).await.unwrap();
        assert_eq!(taken.draft, Some(resolved("partly")));
        setting.submit(&setting.olga, &taken, resolved("partly")).await;
    }

    async fn a_lapsed_claim_still_counts_when_nobody_took_the_task(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        store.clock.advance(LEASE * 3);
        let done = setting.submit(&setting.olga, &task, resolved("yes")).await;
        assert_eq!((done.progress.done, done.progress.total, done.progress.mine), (1, 1, 1));
    }

    async fn a_stale_fence_is_refused_and_the_answers_are_kept(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let stale = setting.task(&setting.olga, &queue).await;
        // The same person took the task again, in another window.
        let fresh = setting.engine.reviews().take(&setting.olga, stale.task).await.unwrap();
        let refused = setting.engine.reviews().submit(&setting.olga, &submission(&stale, resolved("no"))).await;
        assert!(matches!(refused, Err(ReviewError::ClaimLapsed)), "{refused:?}");
        assert!(fresh.ticket.fence > stale.ticket.fence);
        let old_token = Submission { task: None, ..submission(&stale, resolved("partly")) };
        let refused = setting.engine.reviews().submit(&setting.olga, &old_token).await;
        assert!(matches!(refused, Err(ReviewError::ClaimLapsed)), "{refused:?}");
        let kept = setting.task(&setting.olga, &queue).await;
        assert_eq!(kept.draft, Some(resolved("partly")));
        setting.submit(&setting.olga, &kept, resolved("yes")).await;
        let after = setting.engine.reviews().submit(&setting.olga, &submission(&stale, resolved("no"))).await;
        assert!(matches!(after, Err(ReviewError::AlreadyReviewed)), "{after:?}");
    }

    async fn work_renews_a_claim(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let task = setting.task(&setting.olga, &queue).await;
        let reviews = setting.engine.reviews();
        for _ in 0..4 {
            store.clock.advance(LEASE - Duration::from_secs(1));
            let ticket = reviews.renew(&setting.olga, task.ticket.claim, task.ticket.fence).await.unwrap().unwrap();
            assert_eq!(ticket.expires_at, store.ambient.now() + LEASE);
            assert!(setting.next(&rita, &queue).await.task.is_none());
        }
        assert!(reviews.renew(&rita, task.ticket.claim, task.ticket.fence).await.unwrap().is_none(), "not hers");
        store.clock.advance(LEASE * 2);
        assert!(reviews.renew(&setting.olga, task.ticket.claim, task.ticket.fence).await.unwrap().is_some(), "nobody took it");
        store.clock.advance(LEASE * 2);
        setting.task(&rita, &queue).await;
        assert!(reviews.renew(&setting.olga, task.ticket.claim, task.ticket.fence).await.unwrap().is_none(), "Rita has it");
    }

    async fn a_skipped_task_goes_to_others_only(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 2).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let task = setting.task(&setting.olga, &queue).await;
        setting.engine.reviews().skip(&setting.olga, task.ticket.claim, task.ticket.fence).await.unwrap();
        let other = setting.task(&setting.olga, &queue).await;
        assert_ne!(other.task, task.task);
        setting.submit(&setting.olga, &other, resolved("yes")).await;
        assert!(setting.next(&setting.olga, &queue).await.task.is_none());
        assert_eq!(setting.task(&rita, &queue).await.task, task.task);
        let again = setting.engine.reviews().skip(&setting.olga, task.ticket.claim, task.ticket.fence).await;
        assert!(matches!(again, Err(ReviewError::NoSuchClaim)));
    }

    async fn a_draft_is_ones_own_and_goes_with_the_submit(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, QueueDraft { overlap: 2, ..draft("Resolution") }, 1).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let task = setting.task(&setting.olga, &queue).await;
        let half = answers(serde_json::json!({ "comment": "I have to look at the policy" }));
        setting.engine.reviews().save_draft(&setting.olga, task.task, &half).await.unwrap();
        assert_eq!(setting.task(&setting.olga, &queue).await.draft, Some(half));
        assert_eq!(setting.task(&rita, &queue).await.draft, None);
        setting.submit(&setting.olga, &task, resolved("yes")).await;
        assert!(store.rows("select * from drafts").await.is_empty());
    }

    async fn each_order_hands_out_its_own_first(store) {
        let setting = Setting::new(&store).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let line = serde_json::json!({ "session_id": "short", "messages": [{ "role": "user", "content": "hello" }, { "role": "assistant", "content": "hello" }] });
        let spans = turnwise_ingest::messages::read_line(&line.to_string(), turnwise_model::Micros(0)).unwrap().spans;
        setting.engine.ingestion().accept(setting.project, spans).await.unwrap();
        store.clock.advance(Duration::from_secs(1));
        turnwise_engine::background::run_until_idle(&setting.engine.sessions().workers(), &store.ambient).await.unwrap();
        let short = turnwise_model::view::review::NamedTarget { session: "short".to_owned(), position: Some(1) };
        let short = setting.engine.queues().targets(&setting.olga, &[short]).await.unwrap();
        setting.engine.queues().add(&setting.olga, queue.id, &short).await.unwrap();
        assert_ne!(setting.task(&setting.olga, &queue).await.target, short[0], "the oldest");
        let easy = QueueDraft { order: turnwise_model::queue::Order::Easy, overlap: 2, ..draft("Resolution") };
        let queue = setting.engine.queues().update(&setting.olga, queue.id, &easy).await.unwrap();
        assert_eq!(setting.task(&rita, &queue).await.target, short[0], "the one with the fewest turns");
    }
}
