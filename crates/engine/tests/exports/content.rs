//! What is in the files: values, provenance, types, and nothing of anybody else.

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use turnwise_engine::access::{Access, Caller};
use turnwise_engine::exports::{ExportError, columns};
use turnwise_model::access::Role;
use turnwise_model::score::Source;
use turnwise_model::view::export::{Format, Kind};
use turnwise_model::view::session::NewScore;
use turnwise_store::contract;

use crate::setting::{Setting, instant, request};

fn names() -> [(String, &'static str); 2] {
    [("chat-1".to_owned(), "production"), ("chat-2".to_owned(), "staging")]
}

fn thumb(session: &str) -> NewScore {
    serde_json::from_value(json!({
        "session": session, "name": "thumb", "value": true, "source": Source::User, "author": "=cmd()"
    }))
    .unwrap()
}

async fn a_viewer(setting: &Setting) -> Access {
    let accounts = setting.engine.accounts();
    let (_, token) = accounts.invite(&setting.access, Role::Viewer).await.unwrap();
    let (viewer, _) =
        accounts.accept_invitation_new(&token, "vera@example.com", "Vera", "correct horse battery").await.unwrap();
    let caller = Caller::Person { account: viewer.id };
    accounts.authorise(&caller, &setting.access.project.slug, Role::Viewer).await.unwrap()
}

contract! {
    async fn a_score_says_how_it_came_about(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, names()).await;
        let (check, rule) = setting.check(&store, "chat-1").await;
        setting.review(&store, "chat-1").await;
        setting.engine.sessions().add_scores(&setting.access, &[thumb("chat-1")]).await.unwrap();

        let rows = setting.rows(Kind::Scores, "").await;
        assert_eq!(rows.len(), 4);
        let one = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();

        let coherence = one("coherence");
        assert_eq!(coherence["external_id"], "chat-1");
        assert_eq!(coherence["turn"], 2);
        assert_eq!((&coherence["value"], &coherence["number"], &coherence["label"]), (&json!(0.25), &json!(0.25), &Json::Null));
        assert_eq!((&coherence["passed"], &coherence["stale"]), (&json!(false), &json!(false)));
        assert_eq!((&coherence["evaluator"], &coherence["evaluator_version"]), (&json!("coherence check"), &json!(check.hash)));
        assert_eq!((&coherence["rule_id"], &coherence["rule_version"]), (&json!(rule.to_string()), &json!(3)));
        assert_eq!((&coherence["probability"], &coherence["stratum"], &coherence["arm"]), (&json!(0.25), &json!("rest"), &Json::Null));

        let tone = one("tone");
        assert_eq!((&tone["source"], &tone["turn"], &tone["number"]), (&json!("human"), &json!(1), &json!(4.0)));
        assert_eq!((&tone["author"], &tone["queue"], &tone["rubric_version"]), (&json!("Olga"), &json!("Resolution"), &json!(1)));
        assert_eq!(tone["author_id"], setting.access.account().unwrap().to_string());
        assert_eq!((&tone["exposure"], &tone["active_ms"]), (&json!("blind"), &json!(38_000)));
        assert_eq!((&tone["arm"], &tone["probability"]), (&json!("manual"), &Json::Null));
        assert_eq!(instant(&tone["created_at"]), store.ambient.now());
        assert_eq!(one("resolved")["label"], "no");

        let (_, manifest) = setting.written(&request(Kind::Scores, Format::Csv, "")).await.unwrap();
        assert_eq!((manifest.sessions, manifest.rows), (2, 4));
        assert_eq!((manifest.evaluators[0].version.as_str(), manifest.evaluators[0].number), (check.hash.as_str(), Some(1)));
        assert_eq!((manifest.rules[0].id, manifest.rules[0].version), (rule, Some(3)));
        assert_eq!((manifest.rubrics[0].name.as_deref(), manifest.rubrics[0].version), (Some("Resolution"), 1));
    }

    async fn a_review_is_a_row_for_each_answer(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, names()).await;
        setting.review(&store, "chat-2").await;
        let rows = setting.rows(Kind::Reviews, "").await;
        let told: Vec<(&Json, &Json, &Json)> = rows.iter().map(|row| (&row["question"], &row["answer"], &row["number"])).collect();
        assert_eq!(told, [(&json!("resolved"), &json!("no"), &json!(0.0)), (&json!("tone"), &json!("4"), &json!(4.0))]);
        assert_eq!(rows[0]["review_id"], rows[1]["review_id"]);
        assert_eq!((&rows[0]["reviewer"], &rows[0]["turn"], &rows[0]["stale"]), (&json!("Olga"), &json!(1), &json!(false)));
        assert!(setting.rows(Kind::Reviews, "environment = production").await.is_empty());
    }

    async fn sessions_and_turns_carry_their_scores_and_the_filter_decides_which(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, names()).await;
        setting.check(&store, "chat-1").await;
        let sessions = setting.rows(Kind::Sessions, "environment = production").await;
        assert_eq!(sessions.len(), 1);
        let session = &sessions[0];
        assert_eq!((&session["external_id"], &session["turns"], &session["tags"]), (&json!("chat-1"), &json!(2), &json!(["vip"])));
        assert_eq!((&session["end_reason"], &session["ended_by"]), (&json!("resolved"), &json!("client")));
        assert_eq!((&session["scores"][0]["name"], &session["scores"][0]["passed"]), (&json!("coherence"), &json!(false)));

        let turns = setting.rows(Kind::Turns, "environment = production").await;
        assert_eq!(turns.len(), 2);
        assert_eq!((&turns[1]["turn"], &turns[1]["assistant"]), (&json!(2), &json!("-1 day")));
        assert_eq!((&turns[0]["scores"], &turns[1]["scores"][0]["evaluator"]), (&json!([]), &json!("coherence check")));
    }

    async fn csv_is_read_back_and_holds_no_formula(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, names()).await;
        setting.engine.sessions().add_scores(&setting.access, &[thumb("chat-2")]).await.unwrap();
        let (file, manifest) = setting.written(&request(Kind::Turns, Format::Csv, "")).await.unwrap();
        assert_eq!(hex::encode(Sha256::digest(&file)), manifest.sha256);
        assert_eq!(i64::try_from(file.len()).unwrap(), manifest.bytes);
        let mut reader = csv::Reader::from_reader(file.as_slice());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let expected: Vec<&str> = columns(Kind::Turns).iter().map(|column| column.name).collect();
        assert_eq!(header, expected);
        assert_eq!(manifest.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), expected);
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 4);
        let user = expected.iter().position(|name| *name == "user").unwrap();
        assert_eq!(&records[0][user], "'=HYPERLINK(\"http://x\")");
        assert_eq!(&records[1][user], "And when, \"exactly\",\nwill it be here?");
        assert_eq!(&records[1][user + 1], "'-1 day");

        let (file, _) = setting.written(&request(Kind::Scores, Format::Csv, "")).await.unwrap();
        assert!(String::from_utf8(file).unwrap().contains(",'=cmd(),"));
    }

    async fn an_empty_file_has_its_columns(store) {
        let setting = Setting::new(&store).await;
        let (file, manifest) = setting.written(&request(Kind::Reviews, Format::Csv, "")).await.unwrap();
        assert!(String::from_utf8(file).unwrap().starts_with("review_id,session_id,"));
        assert_eq!((manifest.rows, manifest.sessions), (0, 0));
        assert!(setting.rows(Kind::Scores, "").await.is_empty());
    }

    async fn only_those_who_may_export_the_project_get_it_and_of_it_alone(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, names()).await;
        let viewer = a_viewer(&setting).await;
        let asked = request(Kind::Turns, Format::Jsonl, "");
        assert!(matches!(setting.engine.exports().start(&viewer, &asked).await, Err(ExportError::Denied(_))));
        assert!(matches!(setting.engine.exports().stream(&viewer, &asked).await, Err(ExportError::Denied(_))));
        assert!(matches!(setting.engine.exports().list(&viewer).await, Err(ExportError::Denied(_))));

        let account = setting.access.account().unwrap();
        let other = setting.engine.accounts().create_project(account, "Another bot").await.unwrap();
        let caller = Caller::Person { account };
        let other = setting.engine.accounts().authorise(&caller, &other.slug, Role::Owner).await.unwrap();
        let mut writing = setting.engine.exports().open(other.project.id, &asked).await.unwrap();
        assert_eq!(writing.next().await.unwrap(), Some(Vec::new()));
        let mine = setting.engine.exports().start(&setting.access, &asked).await.unwrap();
        assert!(matches!(setting.engine.exports().get(&other, mine.id).await, Err(ExportError::NoSuchExport)));
        assert!(matches!(setting.engine.exports().delete(&other, mine.id).await, Err(ExportError::NoSuchExport)));
    }

    async fn a_wrong_filter_is_refused_at_once(store) {
        let setting = Setting::new(&store).await;
        let error = setting.engine.exports().start(&setting.access, &request(Kind::Turns, Format::Csv, "envirnment = x")).await;
        assert!(matches!(error, Err(ExportError::Filter(_))));
        assert!(setting.engine.exports().list(&setting.access).await.unwrap().is_empty());
    }
}

#[cfg(feature = "parquet")]
contract! {
    async fn parquet_is_read_back_with_its_types(store) {
        use parquet::file::reader::{FileReader as _, SerializedFileReader};
        use parquet::record::RowAccessor as _;

        let setting = Setting::new(&store).await;
        setting.converse(&store, names()).await;
        setting.check(&store, "chat-1").await;
        let (file, manifest) = setting.written(&request(Kind::Scores, Format::Parquet, "")).await.unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), manifest.rows);
        let row = reader.get_row_iter(None).unwrap().next().unwrap().unwrap();
        let place = |name: &str| columns(Kind::Scores).iter().position(|column| column.name == name).unwrap();
        assert_eq!(row.get_string(place("name")).unwrap(), "coherence");
        assert!((row.get_double(place("number")).unwrap() - 0.25).abs() < f64::EPSILON);
        assert_eq!(row.get_long(place("turn")).unwrap(), 2);
        assert!(!row.get_bool(place("stale")).unwrap());

        for kind in Kind::ALL {
            let (file, manifest) = setting.written(&request(*kind, Format::Parquet, "")).await.unwrap();
            let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
            assert_eq!(reader.metadata().file_metadata().num_rows(), manifest.rows, "{kind}");
        }
    }
}
