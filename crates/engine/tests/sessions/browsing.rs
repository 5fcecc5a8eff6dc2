//! What the list of sessions is made of: parts in both directions, what is newer, what filters can ask for.

use std::time::Duration;

use turnwise_engine::sessions::{SessionError, Sessions};
use turnwise_model::view::session::{SavedView, SessionQuery, SessionSort, SessionsPart};
use turnwise_store::contract;

use crate::setting::{PARCEL, Setting, conversation_until};

const SHOWN: u32 = 3;

/// Eight sessions, a minute apart, `chat-0` the oldest; those with even numbers have two turns, the others one.
async fn eight(store: &turnwise_store::testing::TestStore) -> Setting {
    let setting = Setting::new(store).await;
    for number in 0..8_u64 {
        let at = store.ambient.now() - Duration::from_secs(60 * (10 - number));
        let said = if number % 2 == 0 { PARCEL } else { &PARCEL[..2] };
        setting.send(conversation_until(at, &format!("chat-{number}"), said, None)).await;
    }
    setting.derive(store).await;
    setting
}

fn names(part: &SessionsPart) -> Vec<String> {
    part.rows.iter().map(|row| row.session.external_id.clone()).collect()
}

contract! {
    async fn one_goes_through_the_list_and_back_the_same_way(store) {
        let setting = eight(&store).await;
        let sessions = setting.engine.sessions();
        for sort in [SessionSort::LastActivity, SessionSort::Turns, SessionSort::Cost] {
            for descending in [true, false] {
                let ask = SessionQuery { sort, descending, limit: SHOWN, ..SessionQuery::default() };
                let mut parts = vec![sessions.browse(&setting.access, &ask).await.unwrap()];
                assert_eq!(parts[0].previous, None);
                while let Some(next) = parts.last().unwrap().next.clone() {
                    let ask = SessionQuery { cursor: Some(next), ..ask.clone() };
                    parts.push(sessions.browse(&setting.access, &ask).await.unwrap());
                }
                let there: Vec<Vec<String>> = parts.iter().map(names).collect();
                assert_eq!(there.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
                let mut back = vec![names(parts.last().unwrap())];
                let mut previous = parts.last().unwrap().previous.clone();
                while let Some(before) = previous {
                    let part = sessions.browse(&setting.access, &SessionQuery { before: Some(before), ..ask.clone() }).await.unwrap();
                    assert!(part.next.is_some());
                    back.insert(0, names(&part));
                    previous = part.previous;
                }
                assert_eq!(back, there, "{sort} {descending}");
            }
        }
        let newest_first = sessions.browse(&setting.access, &SessionQuery::default()).await.unwrap();
        assert_eq!(names(&newest_first)[..2], ["chat-7", "chat-6"]);
    }

    async fn what_came_after_the_list_was_read_is_counted(store) {
        let setting = eight(&store).await;
        let sessions = setting.engine.sessions();
        let newest = sessions.browse(&setting.access, &SessionQuery { filter: "turns > 99".to_owned(), ..SessionQuery::default() }).await.unwrap();
        assert!(newest.rows.is_empty() && newest.newest.0 > 0, "the newest of the whole project");
        let newer = async |filter: &str| sessions.newer(&setting.access, filter, newest.newest).await.unwrap();
        assert_eq!(newer("").await, 0);
        setting.send(conversation_until(store.ambient.now(), "chat-8", PARCEL, None)).await;
        setting.derive(&store).await;
        assert_eq!((newer("").await, newer("turns = 2").await, newer("turns = 1").await), (1, 1, 0));
        let other = setting.another_project().await;
        assert_eq!(sessions.newer(&other, "", turnwise_model::Micros(0)).await.unwrap(), 0);
        assert_eq!(sessions.browse(&other, &SessionQuery::default()).await.unwrap().newest.0, 0);
    }

    async fn filters_are_offered_what_the_project_holds(store) {
        let setting = eight(&store).await;
        let sessions = setting.engine.sessions();
        let known = sessions.known_values(&setting.access).await.unwrap();
        assert_eq!(known.values["tag"], ["vip"]);
        let other = setting.another_project().await;
        assert!(sessions.known_values(&other).await.unwrap().values.is_empty());
    }

    async fn views_are_ones_own_or_the_projects(store) {
        let setting = eight(&store).await;
        let sessions = setting.engine.sessions();
        let view = |name: &str, shared: bool, filter: &str| SavedView {
            id: store.ambient.id(), name: name.to_owned(), shared, filter: filter.to_owned(), sort: SessionSort::Cost, ascending: false, columns: "cost".to_owned(),
        };
        sessions.keep_view(&setting.access, view(" Dear ones ", false, "COST>1")).await.unwrap();
        sessions.keep_view(&setting.access, view("Failed", true, "errors > 0")).await.unwrap();
        sessions.keep_view(&setting.access, view("Failed", true, "errors > 2")).await.unwrap();
        let told = async |access| {
            let views = sessions.views(access).await.unwrap();
            views.iter().map(|view| format!("{} {} {}", view.name, view.shared, view.filter)).collect::<Vec<_>>()
        };
        assert_eq!(told(&setting.access).await, ["Failed true errors > 2", "Dear ones false cost > 1"]);
        let other = setting.another_project().await;
        assert!(told(&other).await.is_empty());
        let viewer = setting.viewer().await;
        assert_eq!(told(&viewer).await, ["Failed true errors > 2"], "what is one's own is not shown to others");
        assert!(sessions.keep_view(&viewer, view("Mine", false, "")).await.is_ok(), "who may look may keep views");
        assert!(matches!(sessions.keep_view(&viewer, view("Ours", true, "")).await, Err(SessionError::Denied(_))));
        let all = sessions.views(&setting.access).await.unwrap();
        assert!(matches!(sessions.drop_view(&viewer, all[0].id, true).await, Err(SessionError::Denied(_))));
        sessions.drop_view(&viewer, all[1].id, false).await.unwrap();
        assert_eq!(told(&setting.access).await.len(), 2, "nobody removes what is another's own");
        sessions.drop_view(&setting.access, all[1].id, false).await.unwrap();
        assert_eq!(told(&setting.access).await, ["Failed true errors > 2"]);
        for (wrong, why) in [(view("", false, ""), "name"), (view("x", false, "turns >"), "column"), (view(&"x".repeat(61), false, ""), "name")] {
            assert!(sessions.keep_view(&setting.access, wrong).await.unwrap_err().to_string().contains(why));
        }
    }

    async fn an_action_on_all_takes_those_that_match(store) {
        let setting = eight(&store).await;
        let sessions: &Sessions = setting.engine.sessions();
        assert_eq!(sessions.matching(&setting.access, "turns = 2").await.unwrap().len(), 4);
        let other = setting.another_project().await;
        assert!(sessions.matching(&other, "").await.unwrap().is_empty());
        assert!(sessions.matching(&setting.access, "turns >").await.is_err());
    }
}
