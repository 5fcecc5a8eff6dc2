//! Small readers that turn the data sets' files into conversations with what people said of them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use turnwise_model::conversation::{
    Conversation, Document, EndReason, Retrieval, Session, SessionStatus, Tokens, ToolCall, Turn, TurnError,
};
use turnwise_model::{Micros, ProjectId, SessionId, TurnId};

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the shared data, read; `None`, with a word on the screen, where it is absent. With `CI=true` that fails.
pub fn shared(path: &str) -> Option<String> {
    let full = workspace().join("../shared/data").join(path);
    match std::fs::read_to_string(&full) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{} cannot be read: {error}", full.display());
            println!("skipped: {} cannot be read ({error})", full.display());
            None
        }
    }
}

/// An empty turn.
pub fn turn(position: u32) -> Turn {
    Turn {
        id: TurnId::derive(session_id("x"), &position.to_string()),
        position,
        conversation_id: None,
        trace_id: None,
        started_at: Micros(0),
        latency_ms: None,
        user: None,
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

fn session_id(name: &str) -> SessionId {
    let project: ProjectId = "00000000-0000-7000-8000-000000000001".parse().expect("a constant id");
    SessionId::derive(project, name)
}

/// A conversation of these turns.
pub fn conversation(name: &str, turns: Vec<Turn>) -> Conversation {
    Conversation {
        session: Session {
            id: session_id(name),
            external_id: name.to_owned(),
            user_id: None,
            status: SessionStatus::Closed,
            end_reason: None,
            revision: 1,
            environment: None,
            release: None,
            tags: Vec::new(),
            metadata: BTreeMap::new(),
            started_at: Micros(0),
            last_activity_at: Micros(0),
            preview: None,
            turn_count: i64::try_from(turns.len()).unwrap_or(0),
            span_count: 0,
            tool_call_count: 0,
            error_count: 0,
            tokens: Tokens::default(),
            cost_usd: None,
            latency_ms: None,
            warnings: Vec::new(),
        },
        turns,
    }
}

fn parse(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
}

/// The τ-bench airline runs with their reward (1: the task was done as it should).
pub fn tau_bench() -> Option<Vec<(Conversation, f64)>> {
    let runs: Vec<Json> = serde_json::from_str(&shared("tau_bench_airline/gpt-4o-airline.json")?).expect("valid JSON");
    let read = |(index, run): (usize, &Json)| {
        let mut turns: Vec<Turn> = Vec::new();
        let mut ended = false;
        for message in run["traj"].as_array().into_iter().flatten() {
            let content = message["content"].as_str().unwrap_or_default();
            match message["role"].as_str() {
                Some("user") if content.contains("###STOP###") => ended = true,
                Some("user") => {
                    let mut next = turn(u32::try_from(turns.len() + 1).expect("few turns"));
                    next.user = Some(content.into());
                    turns.push(next);
                }
                Some("assistant") => {
                    let Some(turn) = turns.last_mut() else { continue };
                    for call in message["tool_calls"].as_array().into_iter().flatten() {
                        turn.tool_calls.push(ToolCall {
                            id: call["id"].as_str().map(str::to_owned),
                            name: call["function"]["name"].as_str().unwrap_or_default().to_owned(),
                            arguments: call["function"]["arguments"].as_str().map(parse),
                            ..ToolCall::default()
                        });
                    }
                    if !content.is_empty() {
                        let before = turn.assistant.take().map(|message| message.text + "\n").unwrap_or_default();
                        turn.assistant = Some((before + content).as_str().into());
                    }
                }
                Some("tool") => {
                    let calls = turns.last_mut().map(|turn| &mut turn.tool_calls);
                    let open = calls.and_then(|calls| calls.iter_mut().rev().find(|call| call.result.is_none()));
                    if let Some(call) = open {
                        call.result = Some(parse(content));
                    }
                }
                _ => {}
            }
        }
        let mut conversation = conversation(&format!("tau-{index}"), turns);
        if ended {
            conversation.session.end_reason = Some(EndReason::Client("user_stop".to_owned()));
        }
        (conversation, run["reward"].as_f64().expect("a reward"))
    };
    Some(runs.iter().enumerate().map(read).collect())
}

/// One answer of MTRAG with what people said of it.
pub struct RatedAnswer {
    /// The conversation up to and with the answer, which is in the last turn.
    pub conversation: Conversation,
    /// Mean faithfulness over its raters, 1 to 4.
    pub faithfulness: f64,
    /// Mean appropriateness over its raters, 1 to 4.
    pub appropriateness: f64,
    /// `ANSWERABLE`, `PARTIAL`, `UNANSWERABLE`, `CONVERSATIONAL`.
    pub answerability: String,
    /// The automatic metrics published with it.
    pub published: HashMap<String, f64>,
}

/// MTRAG's answers that people rated.
pub fn mtrag() -> Option<Vec<RatedAnswer>> {
    let file = shared("mtrag_human_eval/reference_subset_with_human_evaluations.json")?;
    let data: Json = serde_json::from_str(&file).expect("valid JSON");
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let documents: HashMap<String, Document> = data["documents"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|document| {
            let id = text(&document["document_id"]);
            let body = format!("{}\n{}", text(&document["title"]), text(&document["text"]));
            (id.clone(), Document { id: Some(id), text: Some(body), ..Document::default() })
        })
        .collect();
    let tasks: HashMap<String, &Json> =
        data["tasks"].as_array().into_iter().flatten().map(|task| (text(&task["task_id"]), task)).collect();
    let mean = |ratings: &Json| {
        let values: Vec<f64> =
            ratings.as_object().expect("ratings").values().filter_map(|r| r["value"].as_str()?.parse().ok()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let read = |evaluation: &Json| {
        let task = tasks[&text(&evaluation["task_id"])];
        let mut turns: Vec<Turn> = Vec::new();
        for message in task["input"].as_array().into_iter().flatten() {
            let said = text(&message["text"]);
            if message["speaker"] == "user" {
                let mut next = turn(u32::try_from(turns.len() + 1).expect("few turns"));
                next.user = Some(said.as_str().into());
                turns.push(next);
            } else if let Some(turn) = turns.last_mut() {
                turn.assistant = Some(said.as_str().into());
            }
        }
        let last = turns.last_mut().expect("a question");
        let found = task["contexts"].as_array().into_iter().flatten();
        let found = found.filter_map(|context| documents.get(&text(&context["document_id"])).cloned()).collect();
        last.retrievals.push(Retrieval { query: None, documents: found });
        last.assistant = Some(text(&evaluation["model_response"]).as_str().into());
        let annotations = &evaluation["annotations"];
        let published =
            ["RougeL", "Bert-Rec", "Bert-KPrec", "rl_f", "rb_llm", "rb_agg"].into_iter().filter_map(|name| {
                let value = annotations[name].as_object()?.values().next()?["value"].as_f64()?;
                Some((name.to_owned(), value))
            });
        RatedAnswer {
            conversation: conversation(
                &format!("{}/{}", text(&evaluation["task_id"]), text(&evaluation["model_id"])),
                turns,
            ),
            faithfulness: mean(&annotations["faithfulness"]),
            appropriateness: mean(&annotations["appropriateness"]),
            answerability: text(&task["Answerability"][0]),
            published: published.collect(),
        }
    };
    Some(data["evaluations"].as_array().into_iter().flatten().map(read).collect())
}

/// One answer of RAGTruth.
pub struct LabelledAnswer {
    /// One turn: the source as a retrieved document, the answer as the reply.
    pub conversation: Conversation,
    /// `qa`, `summary` or `data2txt`.
    pub task: &'static str,
    /// Whether annotators marked any hallucinated span.
    pub hallucinated: bool,
}

/// RAGTruth's subset.
pub fn ragtruth() -> Option<Vec<LabelledAnswer>> {
    let mut answers = Vec::new();
    for task in ["qa", "summary", "data2txt"] {
        let file = shared(&format!("ragtruth_subset/ragtruth_{task}.jsonl"))?;
        for (number, line) in file.lines().enumerate() {
            let item: Json = serde_json::from_str(line).expect("valid JSON");
            let source = &item["source"];
            let (question, document) = match task {
                "qa" => (
                    source["question"].as_str().unwrap_or_default(),
                    source["passages"].as_str().unwrap_or_default().to_owned(),
                ),
                "summary" => ("Summarise the news.", source.as_str().unwrap_or_default().to_owned()),
                _ => ("Describe the business.", source.to_string()),
            };
            for (index, response) in item["responses"].as_array().into_iter().flatten().enumerate() {
                let mut turn = turn(1);
                turn.user = Some(question.into());
                turn.retrievals = vec![Retrieval {
                    query: None,
                    documents: vec![Document { text: Some(document.clone()), ..Document::default() }],
                }];
                turn.assistant = Some(response["response"].as_str().unwrap_or_default().into());
                answers.push(LabelledAnswer {
                    conversation: conversation(&format!("{task}-{number}-{index}"), vec![turn]),
                    task,
                    hallucinated: response["labels"].as_array().is_some_and(|labels| !labels.is_empty()),
                });
            }
        }
    }
    Some(answers)
}

/// A text of Presidio's generator with the spans it planted: kind, start and end in bytes.
pub type PlantedText = (String, Vec<(String, usize, usize)>);

/// Presidio's synthetic texts.
pub fn presidio() -> Option<Vec<PlantedText>> {
    let items: Vec<Json> = serde_json::from_str(&shared("presidio_pii/synth_dataset_v2.json")?).expect("valid JSON");
    let read = |item: &Json| {
        let text = item["full_text"].as_str().unwrap_or_default().to_owned();
        let byte = |characters: &Json| {
            let characters = usize::try_from(characters.as_u64().unwrap_or(0)).expect("small");
            text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
        };
        let spans = item["spans"].as_array().into_iter().flatten();
        let spans = spans
            .map(|span| {
                let kind = span["entity_type"].as_str().unwrap_or_default().to_owned();
                (kind, byte(&span["start_position"]), byte(&span["end_position"]))
            })
            .collect();
        (text, spans)
    };
    Some(items.iter().map(read).collect())
}

/// A fault planted in the sample project.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Its kind, such as `unresolved`.
    pub kind: String,
    /// The turn it is in, from 1.
    pub turn: u32,
    /// Whether a simple check is likely to miss it.
    pub subtle: bool,
}

/// The sample project's conversations with their planted faults; empty while there are none.
pub fn sample() -> Vec<(Conversation, Vec<Fault>)> {
    let folder = workspace().join("server/sample");
    let Ok(knowledge) = std::fs::read_to_string(folder.join("knowledge.json")) else { return Vec::new() };
    let knowledge: Vec<Json> = serde_json::from_str(&knowledge).expect("valid JSON");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join("conversations"))
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).expect("readable"));
    texts.map(|text| sample_conversation(&serde_json::from_str(&text).expect("valid JSON"), &knowledge)).collect()
}

fn sample_conversation(data: &Json, knowledge: &[Json]) -> (Conversation, Vec<Fault>) {
    let article = |id: &str| {
        let article = knowledge.iter().find(|article| article["id"] == id)?;
        Some(format!("{}\n{}", article["title"].as_str()?, article["text"].as_str()?))
    };
    let message = |value: &Json| value.as_str().map(Into::into);
    let mut turns = Vec::new();
    for (index, item) in data["turns"].as_array().into_iter().flatten().enumerate() {
        let mut turn = turn(u32::try_from(index + 1).expect("few turns"));
        turn.user = message(&item["user"]);
        turn.assistant = message(&item["assistant"]);
        turn.latency_ms = item["latency_ms"].as_i64();
        for step in item["steps"].as_array().into_iter().flatten() {
            if step["kind"] == "tool" {
                turn.tool_calls.push(ToolCall {
                    id: None,
                    name: step["name"].as_str().unwrap_or_default().to_owned(),
                    arguments: step.get("arguments").cloned(),
                    result: step.get("result").cloned(),
                    error: step["error"].as_str().map(|message| TurnError {
                        kind: None,
                        message: message.to_owned(),
                        ..TurnError::default()
                    }),
                });
            } else {
                let documents = step["documents"].as_array().into_iter().flatten();
                let documents = documents.map(|document| Document {
                    id: document["id"].as_str().map(str::to_owned),
                    text: article(document["id"].as_str().unwrap_or_default()),
                    score: document["score"].as_f64(),
                    metadata: None,
                });
                turn.retrievals.push(Retrieval {
                    query: step["query"].as_str().map(str::to_owned),
                    documents: documents.collect(),
                });
            }
        }
        if let Some(error) = item.get("error") {
            turn.errors.push(TurnError {
                kind: error["type"].as_str().map(str::to_owned),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
                place: None,
            });
        }
        turns.push(turn);
    }
    let mut conversation = conversation(data["id"].as_str().expect("an id"), turns);
    conversation.session.end_reason = data["end_reason"].as_str().map(|reason| match reason {
        "idle" => EndReason::Idle,
        other => EndReason::Client(other.to_owned()),
    });
    for (key, value) in data["metadata"].as_object().into_iter().flatten() {
        conversation.session.metadata.insert(key.clone(), value.clone());
    }
    let faults = data["faults"].as_array().into_iter().flatten().map(|fault| Fault {
        kind: fault["kind"].as_str().unwrap_or_default().to_owned(),
        turn: fault["turn"].as_u64().and_then(|turn| u32::try_from(turn).ok()).unwrap_or(0),
        subtle: fault["subtle"].as_bool().unwrap_or(false),
    });
    (conversation, faults.collect())
}
