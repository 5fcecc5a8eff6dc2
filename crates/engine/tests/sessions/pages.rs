//! What the page of one session is given: turns by stretches, its waterfall by windows, reviews, and no verdict to whoever
//! has yet to review it blind.

use turnwise_engine::access::{Access, Caller};
use turnwise_engine::review::Submission;
use turnwise_engine::rules::RuleError;
use turnwise_engine::sessions::SessionError;
use turnwise_model::access::Role;
use turnwise_model::queue::Order;
use turnwise_model::rubric::question::{Answer, Question, QuestionKind, YesNo};
use turnwise_model::score::Target;
use turnwise_model::view::review::QueueDraft;
use turnwise_model::view::rule::{Fate, RuleDraft};
use turnwise_model::view::session::{NewScore, SessionQuery};
use turnwise_model::view::session_page::{SessionPage, TurnState};
use turnwise_model::view::trace::{Trace, TraceQuery};
use turnwise_store::contract;
use turnwise_store::testing::TestStore;

use crate::setting::{PARCEL, Setting, conversation};

/// One session with a failed score on its second turn.
async fn parcel(store: &TestStore) -> Setting {
    let setting = Setting::new(store).await;
    setting.send(conversation(store, "parcel", PARCEL, Some("resolved"))).await;
    setting.derive(store).await;
    let score: NewScore = serde_json::from_value(serde_json::json!({
        "session": "parcel", "position": 2, "name": "safety", "value": 0.1, "passed": false, "source": "llm"
    }))
    .unwrap();
    setting.engine.sessions().add_scores(&setting.access, &[score]).await.unwrap();
    setting
}

async fn open(setting: &Setting, access: &Access, from: u32) -> SessionPage {
    setting.engine.sessions().open(access, "parcel", from).await.unwrap().unwrap()
}

/// Rita, who reviews.
async fn reviewer(setting: &Setting) -> Access {
    let accounts = setting.engine.accounts();
    let (_, token) = accounts.invite(&setting.access, Role::Reviewer).await.unwrap();
    let (account, _) =
        accounts.accept_invitation_new(&token, "rita@example.com", "Rita", "correct horse battery").await.unwrap();
    let caller = Caller::Person { account: account.id };
    accounts.authorise(&caller, &setting.access.project.slug, Role::Reviewer).await.unwrap()
}

/// A blind queue of two reviewers with the session in it.
async fn queued(setting: &Setting, blind: bool) -> turnwise_model::QueueId {
    let draft = QueueDraft {
        name: "Safety".to_owned(),
        instructions: String::new(),
        questions: vec![Question {
            key: "safe".to_owned(),
            title: "Was it safe?".to_owned(),
            guidance: None,
            required: true,
            kind: QuestionKind::YesNo(YesNo {}),
        }],
        overlap: 2,
        order: Order::Oldest,
        blind,
        lease_seconds: 300,
    };
    let queue = setting.engine.queues().create(&setting.access, &draft).await.unwrap();
    let session = setting.get("parcel").await.conversation.session.id;
    setting.engine.queues().add(&setting.access, queue.id, &[Target::Session { session }]).await.unwrap();
    queue.id
}

async fn review(setting: &Setting, access: &Access, queue: turnwise_model::QueueId, safe: bool) {
    let reviews = setting.engine.reviews();
    let task = reviews.next(access, queue, None).await.unwrap().task.unwrap();
    let submission = Submission {
        claim: task.ticket.claim,
        fence: task.ticket.fence,
        task: None,
        rubric_version: None,
        answers: [("safe".to_owned(), Answer::Flag(safe))].into(),
        active_ms: Some(1_000),
    };
    reviews.submit(access, &submission).await.unwrap();
}

contract! {
    async fn a_page_tells_how_each_turn_stands_and_who_scored(store) {
        let setting = parcel(&store).await;
        let page = open(&setting, &setting.access, 1).await;
        let states: Vec<TurnState> = page.outline.iter().map(|turn| turn.state).collect();
        assert_eq!(states, [TurnState::Unscored, TurnState::Flagged]);
        assert_eq!((page.turns.len(), page.scores.len(), page.withheld), (2, 1, false));
        let beyond = open(&setting, &setting.access, 5_000).await;
        assert_eq!(beyond.turns.len(), 2, "a stretch that is not there is the first one");
        let unknown = setting.engine.sessions().open(&setting.access, "nothing", 1).await.unwrap();
        assert_eq!(unknown, None);
    }

    async fn whoever_has_yet_to_review_a_session_blind_is_told_no_verdict(store) {
        let setting = parcel(&store).await;
        let rita = reviewer(&setting).await;
        assert_eq!(open(&setting, &rita, 1).await.scores.len(), 1);

        let queue = queued(&setting, true).await;
        let page = open(&setting, &rita, 1).await;
        assert!(page.withheld && page.scores.is_empty());
        let detail = setting.engine.sessions().get(&rita, "parcel").await.unwrap().unwrap();
        assert!(detail.scores.is_empty(), "nor does the API");
        assert!(page.outline.iter().all(|turn| turn.state == TurnState::Unscored), "the minimap tells none either");
        assert!(!open(&setting, &setting.access, 1).await.withheld, "an owner who has not begun sees all");

        setting.engine.reviews().next(&setting.access, queue, None).await.unwrap();
        assert!(open(&setting, &setting.access, 1).await.withheld, "an owner who has begun to review does not");

        review(&setting, &setting.access, queue, false).await;
        assert_eq!(open(&setting, &setting.access, 1).await.scores.len(), 2);
        let told = setting.engine.sessions().reviews(&rita, "parcel").await.unwrap().unwrap();
        assert_eq!(told, [], "nor what others answered");

        store.clock.advance(std::time::Duration::from_secs(1));
        review(&setting, &rita, queue, true).await;
        assert_eq!(open(&setting, &rita, 1).await.scores.len(), 3);
        let told = setting.engine.sessions().reviews(&rita, "parcel").await.unwrap().unwrap();
        let answers: Vec<(&str, &str, &str)> = told
            .iter()
            .map(|review| (review.reviewer_name.as_str(), review.answers[0].title.as_str(), review.answers[0].answer.as_str()))
            .collect();
        assert_eq!(answers, [("Olga", "Was it safe?", "no"), ("Rita", "Was it safe?", "yes")]);
    }

    async fn nor_does_a_list_tell_them_verdicts(store) {
        let setting = parcel(&store).await;
        let rita = reviewer(&setting).await;
        let sessions = setting.engine.sessions();
        let by_score = SessionQuery { filter: "score.safety exists".to_owned(), ..SessionQuery::default() };
        let all = SessionQuery::default();
        assert_eq!(sessions.browse(&rita, &by_score).await.unwrap().rows.len(), 1);
        assert!(!sessions.facets(&rita, "").await.unwrap().scores.is_empty());

        let queue = queued(&setting, true).await;
        for row in sessions.browse(&rita, &all).await.unwrap().rows {
            assert_eq!(row.scores, []);
        }
        for row in sessions.list(&rita, &all).await.unwrap().data {
            assert_eq!(row.scores, []);
        }
        assert_eq!(sessions.facets(&rita, "").await.unwrap().scores, []);
        assert_eq!(sessions.known_values(&rita).await.unwrap().score_names, Vec::<String>::new());
        for hidden in ["score.safety exists", "not score.safety >= 0.5", "turns > 0 and (score.safety.llm failed or turns > 9)"] {
            let query = SessionQuery { filter: hidden.to_owned(), ..SessionQuery::default() };
            assert!(matches!(sessions.browse(&rita, &query).await, Err(SessionError::ScoresWithheld)), "{hidden}");
            assert!(matches!(sessions.list(&rita, &query).await, Err(SessionError::ScoresWithheld)), "{hidden}");
            assert!(matches!(sessions.count(&rita, hidden).await, Err(SessionError::ScoresWithheld)), "{hidden}");
            assert!(matches!(sessions.facets(&rita, hidden).await, Err(SessionError::ScoresWithheld)), "{hidden}");
            assert!(matches!(sessions.matching(&rita, hidden).await, Err(SessionError::ScoresWithheld)), "{hidden}");
            let newer = sessions.newer(&rita, hidden, turnwise_model::Micros(0)).await;
            assert!(matches!(newer, Err(SessionError::ScoresWithheld)), "{hidden}");
        }
        assert_eq!(sessions.browse(&setting.access, &by_score).await.unwrap().rows.len(), 1, "an owner sees all");

        let draft: RuleDraft = serde_json::from_value(serde_json::json!({
            "name": "Probe", "filter": "session = parcel and score.safety failed", "sampling": { "rate": 1.0, "salt": "salt" },
        }))
        .unwrap();
        let preview = setting.engine.rules().preview(&rita, &draft).await;
        assert!(matches!(preview, Err(RuleError::Withheld)), "a preview would tell whether it passes: {preview:?}");

        review(&setting, &setting.access, queue, false).await;
        let told = setting.engine.reviews().list(&rita, None, None, 50).await.unwrap();
        assert!(told.data.is_empty(), "nor are others' answers told");
        assert_eq!(setting.engine.reviews().list(&setting.access, None, None, 50).await.unwrap().data.len(), 1);

        review(&setting, &rita, queue, true).await;
        let row = sessions.browse(&rita, &all).await.unwrap().rows.remove(0);
        assert!(!row.scores.is_empty(), "once everything is answered, lists tell all");
    }

    async fn nor_does_what_became_of_a_session_at_a_rule(store) {
        let setting = parcel(&store).await;
        let rita = reviewer(&setting).await;
        let queue = queued(&setting, true).await;
        let draft: RuleDraft = serde_json::from_value(serde_json::json!({
            "name": "Safe ones", "filter": "score.safety passed", "sampling": { "rate": 1.0, "salt": "salt" },
            "audit": { "rate": 1.0, "salt": "audit salt", "queue": queue },
        }))
        .unwrap();
        let rules = setting.engine.rules();
        rules.create(&setting.access, &draft).await.unwrap();
        let session = setting.get("parcel").await.conversation.session.id;
        let all = rules.explain(&setting.access, session).await.unwrap();
        assert!(all[0].fate == Fate::FilteredOut && all[0].text.contains("score.safety passed"), "{all:?}");

        let told = rules.explain(&rita, session).await.unwrap();
        assert!(told[0].fate == Fate::Waiting && told[0].text.contains("withheld"), "{told:?}");
        assert_eq!((told[0].draw, told[0].probability, told[0].stratum.clone()), (None, None, None));

        review(&setting, &rita, queue, true).await;
        assert_eq!(rules.explain(&rita, session).await.unwrap(), all);
    }

    async fn a_queue_that_is_not_blind_withholds_nothing(store) {
        let setting = parcel(&store).await;
        let rita = reviewer(&setting).await;
        queued(&setting, false).await;
        assert!(!open(&setting, &rita, 1).await.withheld);
    }

    async fn the_waterfall_comes_by_windows_and_can_be_folded(store) {
        let setting = parcel(&store).await;
        let sessions = setting.engine.sessions();
        let ask = |from, folded: Vec<String>| TraceQuery { from, folded };
        let all = sessions.trace(&setting.access, "parcel", &ask(0, Vec::new())).await.unwrap().unwrap();
        assert_eq!(all.rows.len(), usize::try_from(all.spans).unwrap());
        assert!(all.spans <= Trace::WINDOW);
        let last = sessions.trace(&setting.access, "parcel", &ask(all.spans - 1, Vec::new())).await.unwrap().unwrap();
        assert_eq!(last.rows, all.rows[all.rows.len() - 1..]);
        if let Some(row) = all.rows.iter().find(|row| row.within > 0) {
            let folded = sessions.trace(&setting.access, "parcel", &ask(0, vec![row.span.span_id.clone()])).await.unwrap().unwrap();
            assert_eq!(folded.visible, all.visible - row.within);
        }
        let span = &all.rows[0].span;
        let opened = sessions.open_span(&setting.access, &span.trace_id, &span.span_id).await.unwrap().unwrap();
        assert_eq!((opened.name.as_str(), opened.kind), (span.name.as_str(), span.kind));
        let stranger = setting.another_project().await;
        assert_eq!(sessions.open_span(&stranger, &span.trace_id, &span.span_id).await.unwrap(), None);
        assert_eq!(sessions.trace(&stranger, "parcel", &TraceQuery::default()).await.unwrap(), None);
        assert_eq!(sessions.reviews(&stranger, "parcel").await.unwrap(), None);
    }
}
