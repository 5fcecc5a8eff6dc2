//! The last ten reviews can be taken back; the answers come back as a draft.

use std::time::Duration;

use turnwise_engine::review::ReviewError;
use turnwise_model::access::Role;
use turnwise_model::score::Exposure;

use super::setting::{Setting, draft, resolved};

turnwise_store::contract! {
    async fn a_review_taken_back_is_gone_with_its_scores_and_can_be_given_again(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 3).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let task = setting.task(&setting.olga, &queue).await;
        let done = setting.submit(&setting.olga, &task, resolved("no")).await;
        assert_eq!(setting.next(&setting.olga, &queue).await.latest, Some(done.review));
        let reviews = setting.engine.reviews();
        assert!(matches!(reviews.undo(&rita, done.review).await, Err(ReviewError::NotUndoable)), "not hers");
        let back = reviews.undo(&setting.olga, done.review).await.unwrap().task.unwrap();
        assert_eq!(setting.task(&setting.olga, &queue).await.task, task.task, "a reload shows it too");
        assert_eq!((back.task, back.draft.clone()), (task.task, Some(resolved("no"))));
        assert!(setting.human_scores(&task.target).await.is_empty());
        assert!(matches!(reviews.undo(&setting.olga, done.review).await, Err(ReviewError::NotUndoable)), "once");
        // It is held again: others get the other one.
        assert_ne!(setting.task(&rita, &queue).await.task, task.task);
        let again = setting.submit(&setting.olga, &back, resolved("yes")).await;
        assert_ne!(again.review, done.review);
        assert_eq!((again.progress.done, again.progress.mine), (1, 1));
        let scores = setting.human_scores(&task.target).await;
        assert_eq!(scores.len(), 1);
        assert_eq!(scores[0].exposure, Some(Exposure::Revised), "verdicts stood on the session's page in between");
    }

    async fn ten_reviews_can_be_taken_back_and_the_eleventh_cannot(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 12).await;
        let mut done = Vec::new();
        for _ in 0..12 {
            let task = setting.task(&setting.olga, &queue).await;
            store.clock.advance(Duration::from_secs(1));
            done.push(setting.submit(&setting.olga, &task, resolved("yes")).await.review);
        }
        let reviews = setting.engine.reviews();
        assert!(matches!(reviews.undo(&setting.olga, done[1]).await, Err(ReviewError::NotUndoable)));
        reviews.undo(&setting.olga, done[2]).await.unwrap();
        assert_eq!(setting.next(&setting.olga, &queue).await.progress.done, 11);
        // One fewer came after the second, so that it is among the last ten now.
        reviews.undo(&setting.olga, done[1]).await.unwrap();
        assert_eq!(setting.next(&setting.olga, &queue).await.latest, Some(done[11]));
    }
}
