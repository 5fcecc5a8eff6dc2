//! Figures that must come out of the shared data sets. Where the data are absent a test says so and passes, except with
//! `CI=true`, where it fails.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use turnwise_stats::agreement::{Bootstrap, Metric, krippendorff_alpha, krippendorff_alpha_interval};
use turnwise_stats::correlation::spearman;
use turnwise_stats::pass_k::{Trials, pass_hat_k};

/// The text of a shared file, or `None` with a note that the test is skipped.
fn shared(path: &str) -> Option<String> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/data", path].iter().collect();
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{path} must be there in CI: {error}");
            eprintln!("skipped: {path} cannot be read: {error}");
            None
        }
    }
}

fn json(path: &str) -> Option<Value> {
    shared(path).map(|text| serde_json::from_str(&text).expect("the shared file is JSON"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).expect("a list")
}

/// The ratings of one metric, one list per evaluated answer.
fn mtrag_ratings(evaluations: &[Value], metric: &str) -> Vec<Vec<f64>> {
    let rating = |given: &Value| given["value"].as_str().and_then(|text| text.parse().ok()).expect("a rating");
    evaluations
        .iter()
        .map(|answer| {
            let by_person = answer["annotations"][metric].as_object().expect("ratings by person");
            by_person.values().map(rating).collect()
        })
        .collect()
}

#[test]
fn mtrag_people_agree_on_faithfulness_and_hardly_on_appropriateness() {
    let Some(data) = json("mtrag_human_eval/reference_subset_with_human_evaluations.json") else {
        return;
    };
    let evaluations = list(&data["evaluations"]);
    for (metric, expected) in
        [("faithfulness", 0.4700), ("naturalness", 0.3178), ("completeness", 0.2635), ("appropriateness", 0.0639)]
    {
        let ratings = mtrag_ratings(evaluations, metric);
        let alpha = krippendorff_alpha(&ratings, Metric::Ordinal).expect("people rated the same answers");
        assert!((alpha - expected).abs() < 0.00005, "{metric}: {alpha}");
    }
}

#[test]
fn mtrag_checks_follow_human_faithfulness() {
    let Some(data) = json("mtrag_human_eval/reference_subset_with_human_evaluations.json") else {
        return;
    };
    let evaluations = list(&data["evaluations"]);
    let people: Vec<f64> = mtrag_ratings(evaluations, "faithfulness")
        .iter()
        .map(|ratings| ratings.iter().sum::<f64>() / ratings.len() as f64)
        .collect();
    for (check, source, expected) in
        [("Bert-KPrec", "system", 0.584), ("rl_f", "composite", 0.582), ("rb_llm", "composite", 0.326)]
    {
        let scores: Vec<f64> = evaluations
            .iter()
            .map(|answer| answer["annotations"][check][source]["value"].as_f64().expect("a score"))
            .collect();
        let rho = spearman(&scores, &people).expect("both vary");
        assert!((rho - expected).abs() < 0.0005, "{check}: {rho}");
    }
}

#[test]
fn mtrag_faithfulness_has_an_interval_over_conversations() {
    let Some(data) = json("mtrag_human_eval/reference_subset_with_human_evaluations.json") else {
        return;
    };
    let evaluations = list(&data["evaluations"]);
    let mut sessions = BTreeMap::new();
    let session_of: Vec<usize> = evaluations
        .iter()
        .map(|answer| {
            // A task is a turn of a conversation: "<conversation><::><turn>".
            let task = answer["task_id"].as_str().expect("a task id");
            let conversation = task.split("<::>").next().unwrap_or(task);
            let next = sessions.len();
            *sessions.entry(conversation.to_owned()).or_insert(next)
        })
        .collect();
    let ratings = mtrag_ratings(evaluations, "faithfulness");
    let bootstrap = Bootstrap { resamples: 500, ..Bootstrap::default() };
    let interval = krippendorff_alpha_interval(&ratings, &session_of, Metric::Ordinal, &bootstrap).expect("sessions");
    assert!(interval.contains(0.470) && interval.width() < 0.3, "{interval:?}");
}

/// Task completion of the dialogues, grouped by `key`.
fn redial_task_completion(text: &str, key: impl Fn(&csv::StringRecord, &csv::StringRecord) -> String) -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let column = headers.iter().position(|name| name == "task-completion").expect("the column");
    let mut dialogues: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in reader.records() {
        let row = row.expect("a row");
        // Four ratings are missing.
        dialogues.entry(key(&headers, &row)).or_default().extend(row[column].parse::<f64>().ok());
    }
    dialogues.into_values().collect()
}

#[test]
fn redial_dialogues_are_grouped_by_their_utterances() {
    let Some(text) = shared("ab_redial/annotated_dialogues.csv") else {
        return;
    };
    let by_utterances = redial_task_completion(&text, |headers, row| {
        let utterances = headers.iter().zip(row).filter(|(name, _)| name.starts_with("utterance"));
        utterances.map(|(_, text)| text).collect::<Vec<_>>().join("\u{0}")
    });
    let by_id = redial_task_completion(&text, |_, row| row[0].to_owned());
    assert_eq!((by_utterances.len(), by_id.len()), (200, 195));

    // The specification prints .315. The definition gives .314476, as does the reference implementation of alpha in Python on
    // the same units; .315 would come from rounding .3145 once more.
    let alpha = krippendorff_alpha(&by_utterances, Metric::Ordinal).expect("dialogues were rated several times");
    assert!((alpha - 0.314_476).abs() < 5e-7, "{alpha}");
    let wrongly_merged = krippendorff_alpha(&by_id, Metric::Ordinal).expect("dialogues were rated several times");
    assert!((wrongly_merged - alpha).abs() > 0.005, "{wrongly_merged}");
}

#[test]
fn conture_labels_of_whole_dialogues_carry_nothing() {
    let Some(data) = json("conture/data.json") else {
        return;
    };
    let dialogues = list(&data);
    let questions = list(&dialogues[0]["dialog_ratings"])[0].as_object().expect("ratings by question");
    assert_eq!(questions.len(), 11);
    for question in questions.keys() {
        let ratings: Vec<Vec<f64>> = dialogues
            .iter()
            .map(|dialogue| list(&dialogue["dialog_ratings"]).iter().filter_map(|by| by[question].as_f64()).collect())
            .collect();
        let alpha = krippendorff_alpha(&ratings, Metric::Ordinal).expect("dialogues were rated three times");
        assert!(alpha.abs() < 0.1, "{question}: {alpha}");
        if question == "human (overall)" {
            assert!(alpha.abs() < 0.02, "{alpha}");
        }
    }
}

#[test]
fn tau_bench_airline_is_less_reliable_than_its_pass_rate() {
    let Some(data) = json("tau_bench_airline/gpt-4o-airline.json") else {
        return;
    };
    let mut by_task: BTreeMap<u64, Trials> = BTreeMap::new();
    for run in list(&data) {
        let task = run["task_id"].as_u64().expect("a task");
        let trials = by_task.entry(task).or_insert(Trials { run: 0, succeeded: 0 });
        trials.run += 1;
        trials.succeeded += u32::from(run["reward"].as_f64() == Some(1.0));
    }
    let tasks: Vec<Trials> = by_task.into_values().collect();
    assert_eq!(tasks.len(), 50);
    for (k, expected) in [(1, 0.420), (2, 0.273), (3, 0.220), (4, 0.200)] {
        let rate = pass_hat_k(&tasks, k).expect("four trials of each task");
        assert!((rate - expected).abs() < 0.0005, "pass^{k}: {rate}");
    }
}
