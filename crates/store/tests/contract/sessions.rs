//! Sessions, turns, attributes, the search index and scores, as pages and workers ask for them.

use std::time::Duration;

use turnwise_model::conversation::{EndReason, Session, SessionStatus, Tokens, Turn};
use turnwise_model::filter::{Attribute, Filter, searchable};
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::view::session::SessionSort;
use turnwise_model::{Micros, ProjectId, ScoreId, SessionId, TurnId, Usd};
use turnwise_store::testing::TestStore;
use turnwise_store::{NewTurn, Origin, SessionOrder, SessionRecord, SessionState, SpansByTrace, contract};

use crate::setting::{owned_project, project, write};

fn session(project: ProjectId, name: &str, number: i64) -> SessionRecord {
    let at = Micros(1_795_000_000_000_000 + number * 1_000_000);
    SessionRecord {
        project,
        session: Session {
            id: SessionId::derive(project, name),
            external_id: name.to_owned(),
            user_id: Some("u_1".to_owned()),
            status: SessionStatus::Open,
            end_reason: None,
            revision: 1,
            environment: Some("production".to_owned()),
            release: None,
            tags: vec!["vip".to_owned()],
            metadata: std::collections::BTreeMap::from([("channel".to_owned(), serde_json::json!("web"))]),
            started_at: at,
            last_activity_at: at + Duration::from_secs(60),
            preview: Some("Where is my parcel?".to_owned()),
            turn_count: number,
            span_count: 2,
            tool_call_count: 0,
            error_count: number % 2,
            tokens: Tokens { input: Some(10), output: None },
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            cost_usd: Some(Usd(0.1 * number as f64)),
            latency_ms: None,
            warnings: Vec::new(),
        },
        state: SessionState {
            content_hash: format!("hash of {number}"),
            received_at: at,
            closed_at: None,
            closes: Some((at + Duration::from_secs(900), EndReason::Idle)),
            model: None,
        },
    }
}

async fn put(store: &TestStore, records: &[SessionRecord]) {
    let mut transaction = write(store).await;
    transaction.put_sessions(&records.iter().collect::<Vec<_>>()).await.unwrap();
    transaction.commit().await.unwrap();
}

fn turn(session: SessionId, position: u32, text: &str) -> Turn {
    Turn {
        id: TurnId::derive(session, &format!("turn {position}")),
        position,
        conversation_id: None,
        trace_id: None,
        started_at: Micros(5),
        latency_ms: Some(7),
        user: Some(text.into()),
        assistant: None,
        model: None,
        tool_calls: Vec::new(),
        retrievals: Vec::new(),
        errors: Vec::new(),
        tokens: Tokens::default(),
        cost_usd: None,
        llm_calls: 1,
    }
}

fn score(session: SessionId, turn: Option<TurnId>, name: &str, number: f64, source: Source) -> Score {
    Score {
        id: ScoreId::derive(ProjectId::from_str_for_tests(), &format!("{session} {turn:?} {name} {source}")),
        target: turn.map_or(Target::Session { session }, |turn| Target::Turn { session, turn }),
        name: name.to_owned(),
        value: Value::Number(number),
        passed: Some(number >= 0.5),
        source,
        evaluator: None,
        evaluator_version: None,
        author: None,
        rubric_version: None,
        exposure: None,
        active_ms: None,
        explanation: Some("why\0not".to_owned()),
        evidence: Vec::new(),
        revision: 1,
        stale: false,
        created_at: Micros(9),
    }
}

/// A project id that needs no database.
trait ForTests {
    fn from_str_for_tests() -> Self;
}

impl ForTests for ProjectId {
    fn from_str_for_tests() -> Self {
        "0198c0de-1111-7000-8000-000000000000".parse().unwrap()
    }
}

fn order(sort: SessionSort, descending: bool, limit: u32) -> SessionOrder {
    SessionOrder { sort, descending, after: None, limit }
}

contract! {
    async fn a_session_is_read_back_as_it_was_written(store) {
        let (_, bot) = owned_project(&store).await;
        let mut record = session(bot.id, "chat-7", 3);
        put(&store, std::slice::from_ref(&record)).await;
        assert_eq!(store.session(bot.id, record.session.id).await.unwrap(), Some(record.session.clone()));
        record.session.status = SessionStatus::Closed;
        record.session.end_reason = Some(EndReason::Client("user_left".to_owned()));
        record.session.revision = 2;
        record.state.closes = None;
        put(&store, std::slice::from_ref(&record)).await;
        let mut transaction = write(&store).await;
        let locked = transaction.lock_sessions(bot.id, &[record.session.id]).await.unwrap();
        assert_eq!(locked.get(&record.session.id), Some(&record));
    }

    async fn a_session_is_found_by_either_id_in_its_own_project_alone(store) {
        let (_, bot) = owned_project(&store).await;
        let other = project(&store, "Another bot").await;
        let record = session(bot.id, "chat-7", 3);
        put(&store, std::slice::from_ref(&record)).await;
        let id = record.session.id;
        for name in ["chat-7".to_owned(), id.to_string()] {
            assert_eq!(store.session_id(bot.id, &name).await.unwrap(), Some(id));
            assert_eq!(store.session_id(other.id, &name).await.unwrap(), None);
        }
        assert_eq!(store.session(other.id, id).await.unwrap(), None);
    }

    async fn pages_hold_every_session_once_in_order_whatever_the_sort(store) {
        let (_, bot) = owned_project(&store).await;
        let records: Vec<_> = (0..23).map(|number| session(bot.id, &format!("chat-{number}"), number)).collect();
        put(&store, &records).await;
        for &sort in SessionSort::ALL {
            for descending in [false, true] {
                let mut order = order(sort, descending, 5);
                let mut seen = Vec::new();
                loop {
                    let page = store.list_sessions(bot.id, &Filter::parse("").unwrap(), &order).await.unwrap();
                    seen.extend(page.data.iter().map(|session| session.external_id.clone()));
                    match page.next_cursor {
                        Some(cursor) => order.after = Some(cursor.parse().unwrap()),
                        None => break,
                    }
                }
                let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
                assert_eq!((seen.len(), distinct.len()), (23, 23), "{sort} {descending}");
                if sort == SessionSort::Cost {
                    assert_eq!(seen[0], if descending { "chat-22" } else { "chat-0" });
                }
            }
        }
    }

    async fn a_filter_finds_by_columns_attributes_scores_and_words(store) {
        let (_, bot) = owned_project(&store).await;
        let records: Vec<_> = (0..3).map(|number| session(bot.id, &format!("chat-{number}"), number)).collect();
        put(&store, &records).await;
        let ids: Vec<SessionId> = records.iter().map(|record| record.session.id).collect();
        let mut transaction = write(&store).await;
        let attribute = |key: &str, text: &str, number| Attribute { key: key.to_owned(), text: text.to_owned(), number };
        transaction
            .put_attributes(bot.id, &[(ids[1], vec![attribute("metadata.channel", "web", None), attribute("metadata.seats", "10", Some(10.0))])])
            .await
            .unwrap();
        transaction
            .put_search_texts(bot.id, &[(ids[1], searchable("The PARCEL is late: straße, 退款")), (ids[2], searchable("refund"))])
            .await
            .unwrap();
        transaction.put_score(bot.id, &score(ids[2], None, "tone", 0.2, Source::Llm)).await.unwrap();
        transaction.commit().await.unwrap();
        for (filter, expected) in [
            ("turns >= 1", vec!["chat-2", "chat-1"]),
            ("metadata.channel = web and metadata.seats > 9", vec!["chat-1"]),
            ("not metadata.channel = web", vec!["chat-2", "chat-0"]),
            ("text ~ 'parcel late'", vec!["chat-1"]),
            ("text ~ STRASSE", vec!["chat-1"]),
            ("text ~ '款'", vec!["chat-1"]),
            ("text ~ 'parcel refund'", vec![]),
            ("score.tone < 0.5", vec!["chat-2"]),
            ("score.tone failed and not errors > 0", vec!["chat-2"]),
            ("session = chat-0", vec!["chat-0"]),
        ] {
            let filter_read = Filter::parse(filter).unwrap();
            let page = store.list_sessions(bot.id, &filter_read, &order(SessionSort::LastActivity, true, 10)).await.unwrap();
            let found: Vec<_> = page.data.iter().map(|session| session.external_id.as_str()).collect();
            assert_eq!(found, expected, "{filter}");
            assert_eq!(store.count_sessions(bot.id, &filter_read).await.unwrap(), i64::try_from(expected.len()).unwrap(), "{filter}");
        }
    }

    async fn words_and_attributes_follow_the_session(store) {
        let (_, bot) = owned_project(&store).await;
        let record = session(bot.id, "chat-7", 1);
        let id = record.session.id;
        put(&store, &[record]).await;
        for (text, tag) in [("first words", "a"), ("other words", "b"), ("other words", "b")] {
            let mut transaction = write(&store).await;
            transaction.put_search_texts(bot.id, &[(id, searchable(text))]).await.unwrap();
            let tag = Attribute { key: "tag".to_owned(), text: tag.to_owned(), number: None };
            transaction.put_attributes(bot.id, &[(id, vec![tag])]).await.unwrap();
            transaction.commit().await.unwrap();
        }
        let count = async |filter: &str| store.count_sessions(bot.id, &Filter::parse(filter).unwrap()).await.unwrap();
        assert_eq!((count("text ~ first").await, count("text ~ other").await), (0, 1));
        assert_eq!((count("tag = a").await, count("tag = b").await), (0, 1));
        let mut transaction = write(&store).await;
        assert!(transaction.delete_session(bot.id, id).await.unwrap());
        assert!(!transaction.delete_session(bot.id, id).await.unwrap());
        transaction.commit().await.unwrap();
        assert_eq!((count("").await, count("text ~ other").await), (0, 0));
    }

    async fn facets_count_what_matches(store) {
        let (_, bot) = owned_project(&store).await;
        let records: Vec<_> = (0..4).map(|number| session(bot.id, &format!("chat-{number}"), number)).collect();
        put(&store, &records).await;
        let mut transaction = write(&store).await;
        for record in &records[..2] {
            let tag = Attribute { key: "tag".to_owned(), text: "vip".to_owned(), number: None };
            transaction.put_attributes(bot.id, &[(record.session.id, vec![tag])]).await.unwrap();
        }
        let judged = records[0].session.id;
        transaction.put_score(bot.id, &score(judged, None, "tone", 0.9, Source::Llm)).await.unwrap();
        transaction.put_score(bot.id, &score(judged, Some(TurnId::derive(judged, "1")), "tone", 0.1, Source::Code)).await.unwrap();
        transaction.put_score(bot.id, &score(records[1].session.id, None, "tone", 0.9, Source::Llm)).await.unwrap();
        transaction.commit().await.unwrap();
        let facets = store.session_facets(bot.id, &Filter::parse("").unwrap()).await.unwrap();
        assert_eq!((facets.sessions, facets.errors, facets.open), (4, 2, 4));
        assert_eq!((facets.environment[0].value.as_str(), facets.environment[0].sessions), ("production", 4));
        assert_eq!((facets.tag[0].value.as_str(), facets.tag[0].sessions), ("vip", 2));
        assert_eq!((facets.scores[0].failed, facets.scores[0].passed), (1, 1));
        let few = store.session_facets(bot.id, &Filter::parse("turns > 2").unwrap()).await.unwrap();
        assert_eq!((few.sessions, few.tag.len()), (1, 0));
    }

    async fn turns_are_read_back_in_order_with_their_spans(store) {
        let (_, bot) = owned_project(&store).await;
        let id = SessionId::derive(bot.id, "chat-7");
        let spans = SpansByTrace::from([("t1".to_owned(), vec!["s1".to_owned(), "s2".to_owned()])]);
        let turns = [turn(id, 2, "second"), turn(id, 1, "first")];
        let new: Vec<NewTurn> = turns.iter().map(|turn| NewTurn::new(turn.clone(), &spans).unwrap()).collect();
        let mut transaction = write(&store).await;
        transaction.put_turns(bot.id, &[(id, &new[0]), (id, &new[1])]).await.unwrap();
        let stored = transaction.stored_turns(bot.id, &[id]).await.unwrap();
        assert!(new.iter().all(|new| stored[&id][&new.turn().id].is(new)));
        let moved = NewTurn::new(Turn { position: 3, ..turns[0].clone() }, &spans).unwrap();
        assert_eq!(moved.content_hash(), new[0].content_hash(), "where a turn stands is no part of what it says");
        assert!(!stored[&id][&moved.turn().id].is(&moved));
        transaction.commit().await.unwrap();
        let read = store.turns_of_session(bot.id, id).await.unwrap();
        assert_eq!(read, [turns[1].clone(), turns[0].clone()]);
        assert_eq!(store.turns_of_spans(bot.id, id).await.unwrap().len(), 2);
    }

    async fn what_judged_a_changed_target_is_stale_and_the_rest_is_not(store) {
        let (_, bot) = owned_project(&store).await;
        let id = SessionId::derive(bot.id, "chat-7");
        let (one, two) = (TurnId::derive(id, "1"), TurnId::derive(id, "2"));
        let scores = [
            score(id, Some(one), "tone", 0.9, Source::Llm),
            score(id, Some(two), "tone", 0.9, Source::Human),
            score(id, None, "tone", 0.9, Source::Code),
            score(id, Some(one), "thumb", 1.0, Source::User),
        ];
        let mut transaction = write(&store).await;
        transaction.put_scores(bot.id, &scores, Origin::Given).await.unwrap();
        assert_eq!(transaction.mark_stale(bot.id, id, Some(one)).await.unwrap(), 1);
        transaction.commit().await.unwrap();
        let stale = async || -> Vec<(Source, bool)> {
            store.scores_of_session(bot.id, id).await.unwrap().into_iter().map(|score| (score.source, score.stale)).collect::<Vec<_>>()
        };
        let mut now = stale().await;
        now.sort();
        assert_eq!(now, [(Source::Human, false), (Source::Llm, true), (Source::Code, false), (Source::User, false)]);
        let mut transaction = write(&store).await;
        assert_eq!(transaction.mark_stale(bot.id, id, None).await.unwrap(), 1, "the one on the session");
        transaction.commit().await.unwrap();
        let read = store.scores_of_session(bot.id, id).await.unwrap();
        assert!(read.iter().any(|score| score.explanation.as_deref() == Some("why\u{fffd}not")));
    }

    async fn scores_from_telemetry_are_told_apart(store) {
        let (_, bot) = owned_project(&store).await;
        let id = SessionId::derive(bot.id, "chat-7");
        let (given, told) = (score(id, None, "tone", 0.9, Source::Api), score(id, None, "reward", 1.0, Source::Code));
        let mut transaction = write(&store).await;
        transaction.put_score(bot.id, &given).await.unwrap();
        transaction.put_scores(bot.id, std::slice::from_ref(&told), Origin::Telemetry).await.unwrap();
        assert_eq!(transaction.scores_from_telemetry(bot.id, &[id]).await.unwrap()[&id], [told.id]);
        transaction.delete_score(bot.id, id, told.id).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(store.scores_of_session(bot.id, id).await.unwrap().len(), 1);
    }

    async fn idle_sessions_are_closed_when_due(store) {
        let (_, bot) = owned_project(&store).await;
        let now = store.ambient.now();
        let mut due = session(bot.id, "due", 1);
        due.state.closes = Some((now, EndReason::Idle));
        let mut later = session(bot.id, "later", 2);
        later.state.closes = Some((now + Duration::from_secs(1), EndReason::Client("done".to_owned())));
        put(&store, &[due.clone(), later.clone()]).await;
        assert_eq!(store.next_closing().await.unwrap(), Some(now));
        let mut transaction = write(&store).await;
        assert_eq!(transaction.close_due_sessions(10).await.unwrap(), [(bot.id, due.session.id)]);
        transaction.commit().await.unwrap();
        store.clock.advance(Duration::from_secs(1));
        let mut transaction = write(&store).await;
        assert_eq!(transaction.close_due_sessions(10).await.unwrap(), [(bot.id, later.session.id)]);
        transaction.commit().await.unwrap();
        let reason = async |id| store.session(bot.id, id).await.unwrap().and_then(|session| session.end_reason);
        assert_eq!(reason(due.session.id).await, Some(EndReason::Idle));
        assert_eq!(reason(later.session.id).await, Some(EndReason::Client("done".to_owned())));
        assert_eq!(store.next_closing().await.unwrap(), None);
    }
}
