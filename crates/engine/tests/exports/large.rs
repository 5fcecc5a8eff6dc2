//! Many sessions: written page by page, of one snapshot, in pieces whose size does not depend on how many there are.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use turnwise_model::view::export::{Format, Kind};
use turnwise_store::contract;

use crate::setting::{Setting, request};

const SESSIONS: usize = 600;

contract! {
    async fn many_sessions_are_written_in_bounded_pieces_of_one_snapshot(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, (0..SESSIONS).map(|number| (format!("chat-{number}"), "production"))).await;
        let mut writing =
            setting.engine.exports().open(setting.project, &request(Kind::Sessions, Format::Jsonl, "")).await.unwrap();
        assert_eq!(writing.sessions_total(), 600);
        let mut pieces = vec![writing.next().await.unwrap().unwrap()];
        // What comes and goes now is not of the snapshot.
        setting.converse(&store, (0..100).map(|number| (format!("late-{number}"), "production"))).await;
        for number in 300..600 {
            setting.engine.sessions().delete(&setting.access, &format!("chat-{number}")).await.unwrap();
        }
        while let Some(piece) = writing.next().await.unwrap() {
            pieces.push(piece);
        }
        let whole: usize = pieces.iter().map(Vec::len).sum();
        let largest = pieces.iter().map(Vec::len).max().unwrap();
        assert!(pieces.len() >= 3 && largest <= whole / 2, "{} pieces, the largest of {largest} of {whole} bytes", pieces.len());
        let text = String::from_utf8(pieces.concat()).unwrap();
        let ids: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<Json>(line).unwrap()["external_id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids.len(), SESSIONS);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), SESSIONS, "each once");
        assert!(ids.iter().all(|id| id.starts_with("chat-")));
    }
}
