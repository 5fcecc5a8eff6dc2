//! What real SDKs sent, through the whole way: decoded, stored, derived, listed.

use std::collections::BTreeSet;
use std::fs;

use turnwise_ingest::otlp::{Encoding, decode_traces};
use turnwise_store::contract;

use crate::setting::{Setting, data};

contract! {
    async fn every_recorded_client_has_two_sessions_of_three_turns(store) {
        let Some(folder) = data("otlp_recordings") else { return };
        let setting = Setting::new(&store).await;
        let mut clients = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let encoding = match name.as_str() {
                name if name.ends_with(".traces.pb") => Encoding::Protobuf,
                name if name.ends_with(".traces.json") => Encoding::Json,
                _ => continue,
            };
            let decoded = decode_traces(&fs::read(&path).unwrap(), encoding).unwrap();
            assert!(decoded.rejected.is_empty(), "{name}: {:?}", decoded.rejected);
            // Span by span, as if each had come in a request of its own, children first.
            for span in decoded.spans {
                setting.send(vec![span]).await;
            }
            clients.insert(name);
        }
        setting.derive(&store).await;
        assert_eq!(clients.len(), 7);
        let rows = setting.list("").await;
        let shown: Vec<_> = rows.iter().map(|row| (row.session.external_id.as_str(), row.session.turn_count)).collect();
        assert_eq!(shown.len(), 14, "{shown:?}");
        assert!(shown.iter().all(|(_, turns)| *turns == 3), "{shown:?}");
    }
}
