//! The τ-bench runs: two hundred sessions with the turns that the files hold.

use std::collections::BTreeMap;
use std::fs;

use turnwise_ingest::tau_bench;
use turnwise_model::Micros;
use turnwise_store::contract;

use crate::setting::{Setting, data};

/// User messages by session, counted in the raw file: the closing one is no turn.
fn expected_turns(name: &str, file: &[u8]) -> BTreeMap<String, i64> {
    let runs: Vec<serde_json::Value> = serde_json::from_slice(file).unwrap();
    runs.iter()
        .map(|run| {
            let said: Vec<&str> = run["traj"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|message| message["role"] == "user")
                .filter_map(|message| message["content"].as_str())
                .collect();
            let closes = said.last().is_some_and(|last| last.contains("###STOP###"));
            let turns = i64::try_from(said.len()).unwrap() - i64::from(closes);
            (format!("{name}/task-{}/trial-{}", run["task_id"], run["trial"]), turns)
        })
        .collect()
}

contract! {
    async fn tau_bench_runs_become_sessions_with_their_turns_and_reward(store) {
        let Some(folder) = data("tau_bench_airline") else { return };
        let setting = Setting::new(&store).await;
        let mut expected = BTreeMap::new();
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let (name, bytes) = (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap());
            expected.extend(expected_turns(&name, &bytes));
            for imported in tau_bench::read(&name, &bytes, Micros(1_718_000_000_000_000)).unwrap() {
                setting.send(imported.spans).await;
            }
        }
        assert_eq!(expected.len(), 200);
        setting.derive(&store).await;
        let found: BTreeMap<String, i64> =
            setting.list("score.reward.code exists").await.into_iter().map(|row| (row.session.external_id, row.session.turn_count)).collect();
        assert_eq!(found, expected);
        let failed = setting.engine.sessions().count(&setting.access, "score.reward < 1").await.unwrap();
        assert!((50..190).contains(&failed), "{failed}");
    }
}
