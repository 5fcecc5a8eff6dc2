//! Many reviewers on one queue at once.

use std::collections::{BTreeMap, BTreeSet};

use turnwise_model::access::Role;
use turnwise_model::queue::TaskState;
use turnwise_model::view::review::QueueDraft;

use super::setting::{Setting, draft, resolved, submission};

const TASKS: usize = 40;

turnwise_store::contract! {
    async fn eight_reviewers_share_a_queue_without_doing_anything_twice(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, QueueDraft { overlap: 2, ..draft("Resolution") }, TASKS).await;
        let mut people = Vec::new();
        for number in 0..8 {
            people.push(setting.member(&format!("Reviewer{number}"), Role::Reviewer).await);
        }
        let work = people.into_iter().map(|who| {
            let (engine, queue) = (setting.engine.clone(), queue.id);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                // As the page does: the next task is claimed ahead while one is answered.
                let mut current = engine.reviews().next(&who, queue, None).await.unwrap().task;
                while let Some(task) = current {
                    let ahead = engine.reviews().next(&who, queue, Some(task.task)).await.unwrap().task;
                    let first = submission(&task, resolved("yes"));
                    engine.reviews().submit(&who, &first).await.unwrap();
                    seen.push(task.task);
                    current = match ahead {
                        Some(ahead) => Some(ahead),
                        None => engine.reviews().next(&who, queue, None).await.unwrap().task,
                    };
                }
                seen
            })
        });
        let mut reviews: BTreeMap<_, usize> = BTreeMap::new();
        for done in futures::future::join_all(work).await {
            let seen = done.unwrap();
            let distinct: BTreeSet<_> = seen.iter().collect();
            assert_eq!(distinct.len(), seen.len(), "somebody got a task twice");
            for task in seen {
                *reviews.entry(task).or_default() += 1;
            }
        }
        assert_eq!(reviews.len(), TASKS);
        assert!(reviews.values().all(|count| *count == 2), "{reviews:?}");

        let done = setting.engine.queues().tasks(&setting.olga, queue.id, Some(TaskState::Done), None, 200).await.unwrap();
        assert_eq!(done.data.len(), TASKS);
        assert!(done.data.iter().all(|task| task.reviews == 2));
        let stored = setting.engine.store().reviews(setting.project, Some(queue.id), None, 200).await.unwrap();
        let unique: BTreeSet<_> = stored.data.iter().map(|row| (row.task.id, row.review.reviewer.clone())).collect();
        assert_eq!((stored.data.len(), unique.len()), (2 * TASKS, 2 * TASKS));
        let summary = &setting.engine.queues().list(&setting.olga).await.unwrap()[0];
        assert_eq!((summary.open, summary.done, summary.reviews_last_week), (0, 40, 80));
        assert_eq!(summary.reviewers.iter().map(|one| one.reviews).sum::<i64>(), 80);
    }

    async fn two_submits_of_one_claim_at_once_make_one_review(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 6).await;
        for _ in 0..6 {
            let task = setting.task(&setting.olga, &queue).await;
            let twice = (0..2).map(|_| {
                let (engine, who, submission) = (setting.engine.clone(), setting.olga.clone(), submission(&task, resolved("no")));
                tokio::spawn(async move { engine.reviews().submit(&who, &submission).await.unwrap() })
            });
            let done: Vec<_> = futures::future::join_all(twice).await.into_iter().map(|done| done.unwrap().review).collect();
            assert_eq!(done[0], done[1]);
            assert_eq!(setting.human_scores(&task.target).await.len(), 1);
        }
        let stored = setting.engine.store().reviews(setting.project, Some(queue.id), None, 200).await.unwrap();
        assert_eq!(stored.data.len(), 6);
    }
}
