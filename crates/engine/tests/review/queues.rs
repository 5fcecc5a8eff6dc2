//! Queues: settings, rubric versions, what may be put in.

use turnwise_engine::queues::QueueError;
use turnwise_model::access::Role;
use turnwise_model::queue::TaskState;
use turnwise_model::rule::Arm;
use turnwise_model::score::Target;
use turnwise_model::view::review::{NamedTarget, QueueDraft};

use super::setting::{Setting, draft, resolved};

turnwise_store::contract! {
    async fn changed_questions_make_a_new_version_and_other_settings_do_not(store) {
        let setting = Setting::new(&store).await;
        let queues = setting.engine.queues();
        let queue = queues.create(&setting.olga, &draft("Resolution")).await.unwrap();
        assert_eq!(queues.rubric(&setting.olga, queue.id).await.unwrap().version, 1);
        let renamed = QueueDraft { instructions: "Be kind.".to_owned(), lease_seconds: 60, ..draft("Resolution of requests") };
        let renamed = queues.update(&setting.olga, queue.id, &renamed).await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.lease_seconds), ("Resolution of requests", 60));
        assert_eq!(queues.rubric(&setting.olga, queue.id).await.unwrap().version, 1);
        let mut changed = draft("Resolution of requests");
        changed.questions[0].title = "Did the user get what they came for?".to_owned();
        queues.update(&setting.olga, queue.id, &changed).await.unwrap();
        let rubric = queues.rubric(&setting.olga, queue.id).await.unwrap();
        assert_eq!((rubric.version, rubric.questions), (2, changed.questions));
        queues.create(&setting.olga, &draft("Resolution")).await.unwrap();
    }

    async fn what_is_wrong_with_a_queue_is_named(store) {
        let setting = Setting::new(&store).await;
        let queues = setting.engine.queues();
        queues.create(&setting.olga, &draft("Resolution")).await.unwrap();
        let mut no_options = draft("Another");
        no_options.questions = serde_json::from_value(serde_json::json!([
            { "key": "tone", "title": "Tone?", "type": "choice", "options": [{ "value": "good", "label": "Good" }] }
        ])).unwrap();
        for (wrong, expected) in [
            (draft("  "), "the name must be 1 to 80 characters long"),
            (draft("Resolution"), "there is a queue named \"Resolution\" already, choose another name"),
            (QueueDraft { overlap: 0, ..draft("Another") }, "the overlap must be from 1 to 20"),
            (QueueDraft { lease_seconds: 5, ..draft("Another") }, "the lease time must be from 30 to 86400"),
            (QueueDraft { questions: Vec::new(), ..draft("Another") }, "a rubric needs 1 to 30 questions, not 0"),
            (no_options, "question \"tone\": a choice needs 2 to 20 options, not 1"),
        ] {
            assert_eq!(queues.create(&setting.olga, &wrong).await.unwrap_err().to_string(), expected);
        }
        assert_eq!(queues.list(&setting.olga).await.unwrap().len(), 1);
    }

    async fn only_editors_make_queues_and_fill_them(store) {
        let setting = Setting::new(&store).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let queues = setting.engine.queues();
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        assert!(matches!(queues.create(&rita, &draft("Another")).await, Err(QueueError::Denied(_))));
        assert!(matches!(queues.update(&rita, queue.id, &draft("Another")).await, Err(QueueError::Denied(_))));
        assert!(matches!(queues.add(&rita, queue.id, &[]).await, Err(QueueError::Denied(_))));
        assert_eq!(queues.list(&rita).await.unwrap().len(), 1, "she sees it");
    }

    async fn a_target_is_in_a_queue_once(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 3).await;
        let queues = setting.engine.queues();
        let named = |position| NamedTarget { session: "chat-1".to_owned(), position };
        let targets = queues.targets(&setting.olga, &[named(None), named(Some(2))]).await.unwrap();
        assert!(matches!(targets[1], Target::Turn { .. }));
        assert_eq!(queues.add(&setting.olga, queue.id, &targets).await.unwrap(), 1);
        assert_eq!(queues.add(&setting.olga, queue.id, &targets).await.unwrap(), 0);
        let error = queues.targets(&setting.olga, &[named(None), named(Some(3))]).await.unwrap_err();
        assert!(matches!(error, QueueError::NoSuchTarget { index: 1, .. }));
        assert_eq!(error.to_string(), "there is no turn 3 in session \"chat-1\"");

        let first = queues.tasks(&setting.olga, queue.id, Some(TaskState::Open), None, 3).await.unwrap();
        let rest = queues.tasks(&setting.olga, queue.id, None, first.next_cursor.as_deref(), 3).await.unwrap();
        assert_eq!((first.data.len(), rest.data.len(), rest.next_cursor), (3, 1, None));
        let rows = queues.task_rows(&setting.olga, queue.id, None, None, 10).await.unwrap().data;
        assert_eq!(rows.iter().filter(|row| row.position == Some(2)).count(), 1);
        assert!(rows.iter().all(|row| row.preview.as_deref() == Some("Where is my parcel?")));
        assert!(first.data.iter().all(|task| task.arm == Arm::Manual && task.probability.is_none()));
    }

    async fn more_overlap_opens_what_was_done(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        setting.submit(&setting.olga, &task, resolved("yes")).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        assert!(setting.next(&rita, &queue).await.task.is_none());
        setting.engine.queues().update(&setting.olga, queue.id, &QueueDraft { overlap: 2, ..draft("Resolution") }).await.unwrap();
        assert_eq!(setting.task(&rita, &queue).await.task, task.task);
        assert!(setting.next(&setting.olga, &queue).await.task.is_none(), "nobody reviews a task twice");
    }
}
