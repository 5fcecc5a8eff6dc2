//! The life of a session: it appears, closes, reopens, goes stale, ends, is deleted.

use std::time::Duration;

use turnwise_engine::sessions::SessionError;
use turnwise_model::conversation::{EndReason, SessionStatus};
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::view::session::{NewScore, SessionQuery};
use turnwise_store::{Durability, contract};

use crate::setting::{PARCEL, Setting, conversation, conversation_until};

const LATER: &[(&str, &str)] = &[
    ("user", "Where is my parcel?"),
    ("assistant", "It left on Tuesday."),
    ("user", "And when will it be here?"),
    ("assistant", "On Friday."),
    ("user", "Thanks"),
    ("assistant", "You are welcome."),
];

fn feedback(session: &str, name: &str, position: Option<u32>) -> NewScore {
    NewScore {
        id: None,
        session: session.to_owned(),
        turn: None,
        position,
        span: None,
        name: name.to_owned(),
        value: serde_json::json!(0.2),
        source: Source::Api,
        passed: Some(false),
        explanation: None,
        author: None,
    }
}

contract! {
    async fn a_session_shows_turns_and_sums(store) {
        let setting = Setting::new(&store).await;
        setting.send(conversation(&store, "chat-7", PARCEL, None)).await;
        assert!(setting.list("").await.is_empty(), "not derived yet");
        setting.derive(&store).await;
        let rows = setting.list("tag = vip and turns = 2 and text ~ 'parcel friday'").await;
        assert_eq!(rows.len(), 1);
        let session = &rows[0].session;
        assert_eq!((session.status, session.revision, session.turn_count), (SessionStatus::Open, 1, 2));
        assert_eq!(session.preview.as_deref(), Some("Where is my parcel?"));
        let detail = setting.get("chat-7").await;
        let said: Vec<_> = detail.conversation.turns.iter().map(|turn| (turn.position, turn.user.as_ref().unwrap().text.as_str(), turn.assistant.as_ref().unwrap().text.as_str())).collect();
        assert_eq!(said, [(1, "Where is my parcel?", "It left on Tuesday."), (2, "And when will it be here?", "On Friday.")]);
        let spans = setting.engine.sessions().spans(&setting.access, session.id).await.unwrap();
        assert_eq!(spans.len() as i64, session.span_count);
        assert!(spans.iter().all(|span| span.turn.is_some()));
        let llm = spans.iter().rfind(|span| span.name == "chat").unwrap();
        let record = setting.engine.sessions().span(&setting.access, &llm.trace_id, &llm.span_id).await.unwrap().unwrap();
        assert_eq!((record.input_messages.len(), record.output_messages.len()), (3, 1));
    }

    async fn another_project_sees_nothing_of_it(store) {
        let setting = Setting::new(&store).await;
        let other = setting.another_project().await;
        setting.send(conversation(&store, "chat-7", PARCEL, None)).await;
        setting.derive(&store).await;
        let sessions = setting.engine.sessions();
        let detail = setting.get("chat-7").await;
        let session = detail.conversation.session.id;
        assert!(sessions.get(&other, "chat-7").await.unwrap().is_none());
        assert!(sessions.get(&other, &session.to_string()).await.unwrap().is_none());
        assert!(sessions.spans(&other, session).await.unwrap().is_empty());
        let spans = sessions.spans(&setting.access, session).await.unwrap();
        assert!(sessions.span(&other, &spans[0].trace_id, &spans[0].span_id).await.unwrap().is_none());
        assert_eq!(sessions.list(&other, &SessionQuery::default()).await.unwrap().data, []);
        assert_eq!(sessions.count(&other, "").await.unwrap(), 0);
        assert!(matches!(sessions.end(&other, "chat-7", "over").await, Err(SessionError::NoSuchSession(_))));
        assert!(matches!(sessions.delete(&other, "chat-7").await, Err(SessionError::NoSuchSession(_))));
        assert!(matches!(sessions.add_scores(&other, &[feedback("chat-7", "tone", None)]).await, Err(SessionError::NoSuchSession(_))));
    }

    async fn an_idle_session_closes_after_the_projects_limit(store) {
        let setting = Setting::new(&store).await;
        setting.send(conversation(&store, "chat-7", PARCEL, None)).await;
        setting.derive(&store).await;
        store.clock.advance(Duration::from_secs(15 * 60 - 1));
        setting.derive(&store).await;
        assert_eq!(setting.get("chat-7").await.conversation.session.status, SessionStatus::Open);
        store.clock.advance(Duration::from_secs(2));
        setting.derive(&store).await;
        let session = setting.get("chat-7").await.conversation.session;
        assert_eq!((session.status, session.end_reason, session.revision), (SessionStatus::Closed, Some(EndReason::Idle), 1));
    }

    async fn a_session_that_goes_on_and_on_closes_at_its_greatest_age(store) {
        let setting = Setting::new(&store).await;
        let limit = Duration::from_secs(60);
        let sessions = setting.engine.sessions();
        sessions.change_settings(&setting.access, limit * 10, limit, turnwise_store::UserIds::Plain).await.unwrap();
        setting.send(conversation(&store, "chat-7", PARCEL, None)).await;
        setting.derive(&store).await;
        store.clock.advance(Duration::from_secs(6));
        setting.derive(&store).await;
        let session = setting.get("chat-7").await.conversation.session;
        assert_eq!((session.status, session.end_reason), (SessionStatus::Closed, Some(EndReason::Age)));
        assert_eq!(session.user_id.as_deref(), Some("ada"), "this project keeps plain ids");
    }

    async fn history_being_imported_closes_once_it_is_whole(store) {
        let setting = Setting::new(&store).await;
        let long_ago = store.ambient.now() - Duration::from_secs(90 * 24 * 3600);
        setting.send(conversation_until(long_ago, "chat-7", PARCEL, None)).await;
        setting.derive(&store).await;
        assert_eq!(setting.get("chat-7").await.conversation.session.status, SessionStatus::Open);
        store.clock.advance(Duration::from_secs(5));
        setting.derive(&store).await;
        assert_eq!(setting.get("chat-7").await.conversation.session.status, SessionStatus::Closed);
    }

    async fn a_told_end_closes_the_session_with_the_clients_word(store) {
        let setting = Setting::new(&store).await;
        setting.send(conversation(&store, "chat-7", PARCEL, Some("resolved"))).await;
        setting.derive(&store).await;
        store.clock.advance(Duration::from_secs(2));
        setting.derive(&store).await;
        let session = setting.get("chat-7").await.conversation.session;
        assert_eq!((session.status, session.end_reason), (SessionStatus::Closed, Some(EndReason::Client("resolved".to_owned()))));
        assert_eq!(setting.list("end_reason = resolved and status = closed").await.len(), 1);
    }

    async fn a_late_span_reopens_the_session_as_a_new_revision(store) {
        let setting = Setting::new(&store).await;
        let first = conversation(&store, "chat-7", PARCEL, None);
        setting.send(first.clone()).await;
        store.clock.advance(Duration::from_secs(16 * 60));
        setting.derive(&store).await;
        assert_eq!(setting.get("chat-7").await.conversation.session.status, SessionStatus::Closed);

        setting.send(first).await;
        setting.derive(&store).await;
        let session = setting.get("chat-7").await.conversation.session;
        assert_eq!((session.status, session.revision), (SessionStatus::Closed, 1), "the same again is no news");

        setting.send(conversation(&store, "chat-7", LATER, None)).await;
        setting.derive(&store).await;
        let session = setting.get("chat-7").await.conversation.session;
        assert_eq!((session.status, session.revision, session.end_reason, session.turn_count), (SessionStatus::Open, 2, None, 3));
    }

    async fn scores_go_stale_where_what_they_judged_changed(store) {
        let setting = Setting::new(&store).await;
        let at = store.ambient.now();
        setting.send(conversation_until(at, "chat-7", PARCEL, None)).await;
        setting.derive(&store).await;
        let detail = setting.get("chat-7").await;
        let session = detail.conversation.session.id;
        let mut transaction = store.write(Durability::Acknowledged).await.unwrap();
        let mut targets = vec![Target::Session { session }];
        targets.extend(detail.conversation.turns.iter().map(|turn| Target::Turn { session, turn: turn.id }));
        for target in targets {
            let score = Score {
                id: store.ambient.id(),
                target,
                name: "tone".to_owned(),
                value: Value::Number(0.2),
                passed: Some(false),
                source: Source::Llm,
                evaluator: None,
                evaluator_version: None,
                author: None,
                rubric_version: None,
                exposure: None,
                active_ms: None,
                explanation: None,
                evidence: Vec::new(),
                revision: 1,
                stale: false,
                created_at: at,
            };
            transaction.put_score(setting.project, &score).await.unwrap();
        }
        transaction.commit().await.unwrap();
        assert_eq!(setting.list("score.tone failed").await[0].scores[0].turns_failed, 2);

        // The same two turns and a third one: only the judgement of the whole session is outdated.
        setting.send(conversation_until(at + Duration::from_secs(120), "chat-7", LATER, None)).await;
        setting.derive(&store).await;
        let detail = setting.get("chat-7").await;
        let stale: Vec<_> = detail.scores.iter().map(|score| (score.target.turn().is_some(), score.stale)).collect();
        assert_eq!(stale.iter().filter(|known| **known == (false, true)).count(), 1, "{stale:?}");
        assert_eq!(stale.iter().filter(|known| **known == (true, false)).count(), 2, "{stale:?}");
    }

    async fn ending_by_hand_closes_now_and_holds_when_derived_again(store) {
        let setting = Setting::new(&store).await;
        let spans = conversation(&store, "chat-7", PARCEL, None);
        setting.send(spans.clone()).await;
        setting.derive(&store).await;
        let sessions = setting.engine.sessions();
        let ended = sessions.end(&setting.access, "chat-7", "handed over").await.unwrap();
        assert_eq!((ended.status, ended.end_reason.clone()), (SessionStatus::Closed, Some(EndReason::Client("handed over".to_owned()))));
        let again = sessions.end(&setting.access, "chat-7", "twice").await.unwrap();
        assert_eq!(again.end_reason, ended.end_reason);
        setting.send(spans).await;
        setting.derive(&store).await;
        let session = setting.get("chat-7").await.conversation.session;
        assert_eq!((session.status, session.end_reason, session.turn_count), (SessionStatus::Closed, ended.end_reason, 2));
    }

    async fn a_deleted_session_is_gone_with_all_that_came_of_it(store) {
        let setting = Setting::new(&store).await;
        setting.send(conversation(&store, "chat-7", PARCEL, None)).await;
        setting.send(conversation(&store, "chat-8", PARCEL, None)).await;
        setting.derive(&store).await;
        let sessions = setting.engine.sessions();
        sessions.add_scores(&setting.access, &[feedback("chat-7", "thumb", Some(1))]).await.unwrap();
        sessions.delete(&setting.access, "chat-7").await.unwrap();
        setting.derive(&store).await;
        assert!(sessions.get(&setting.access, "chat-7").await.unwrap().is_none());
        let left = setting.list("text ~ parcel").await;
        assert_eq!(left.iter().map(|row| row.session.external_id.as_str()).collect::<Vec<_>>(), ["chat-8"]);
        for table in ["select 1 from scores", "select distinct session_id from turns where 1 = 1 and session_id is not null"] {
            assert!(store.rows(table).await.len() <= 1, "{table}");
        }
    }

    async fn scores_that_are_sent_show_in_list_filter_and_facets(store) {
        let setting = Setting::new(&store).await;
        setting.send(conversation(&store, "chat-7", PARCEL, None)).await;
        setting.derive(&store).await;
        let sessions = setting.engine.sessions();
        let thumb = NewScore { id: Some("thumb-1".to_owned()), source: Source::User, ..feedback("chat-7", "thumb", Some(2)) };
        let taken = sessions.add_scores(&setting.access, &[thumb.clone(), feedback("chat-7", "tone", None)]).await.unwrap();
        let again = sessions.add_scores(&setting.access, &[NewScore { value: serde_json::json!(true), passed: Some(true), ..thumb }]).await.unwrap();
        assert_eq!(taken[0].id, again[0].id);
        let row = &setting.list("score.thumb.user = true and score.tone failed").await[0];
        assert_eq!(row.scores.iter().map(|score| (score.name.as_str(), score.passed)).collect::<Vec<_>>(), [("thumb", Some(true)), ("tone", Some(false))]);
        let facets = sessions.facets(&setting.access, "").await.unwrap();
        assert_eq!(facets.scores.iter().map(|facet| (facet.name.as_str(), facet.failed, facet.passed)).collect::<Vec<_>>(), [("tone", 1, 0), ("thumb", 0, 1)]);
        for (wrong, expected) in [
            (NewScore { name: String::new(), ..feedback("chat-7", "", None) }, "name"),
            (NewScore { value: serde_json::json!({}), ..feedback("chat-7", "tone", None) }, "value"),
            (feedback("chat-7", "tone", Some(9)), "turn"),
            (feedback("chat-9", "tone", None), "chat-9"),
        ] {
            let error = sessions.add_scores(&setting.access, &[feedback("chat-7", "kept?", None), wrong]).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(setting.list("score.kept? exists or score.\"kept?\" exists").await.is_empty() , "all or none");
    }

    async fn a_wrong_filter_cursor_or_limit_is_explained(store) {
        let setting = Setting::new(&store).await;
        let sessions = setting.engine.sessions();
        let ask = async |query: SessionQuery| { sessions.list(&setting.access, &query).await.unwrap_err().to_string() };
        assert!(ask(SessionQuery { filter: "turns >".to_owned(), ..SessionQuery::default() }).await.contains("expected"));
        assert!(ask(SessionQuery { cursor: Some("nonsense".to_owned()), ..SessionQuery::default() }).await.contains("next_cursor"));
        assert!(ask(SessionQuery { limit: 0, ..SessionQuery::default() }).await.contains("1 to 200"));
    }
}
