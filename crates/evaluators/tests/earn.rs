//! Checks must earn their place: what each of them finds in conversations that people have judged.

mod support;

use support::data::{self, Fault};
use support::measure::{area, head, row};
use turnwise_evaluators::text::personal::{Personal, find};
use turnwise_evaluators::{CheckEvaluator, Context, Outcome, Reading, checks};
use turnwise_model::conversation::Conversation;
use turnwise_stats::correlation::{Detection, spearman};

fn evaluator(name: &str) -> CheckEvaluator {
    let found = checks::BUILT_IN.iter().map(|make| make()).find(|check| check.definition().name == name);
    CheckEvaluator::new(found.expect("a built-in check"))
}

fn judge(check: &CheckEvaluator, conversation: &Conversation) -> Outcome {
    check.judge(&Reading::new(conversation), Context::SESSION)
}

fn last_value(outcome: &Outcome) -> f64 {
    outcome.verdicts().last().map_or(1.0, |verdict| verdict.value)
}

fn cut(text: &str) -> String {
    turnwise_evaluators::evidence::cut(text, 160).replace(['\n', '|'], " ")
}

#[test]
fn sessions_of_tau_bench() {
    let Some(runs) = data::tau_bench() else { return };
    head();
    let failed: Vec<bool> = runs.iter().map(|(_, reward)| *reward < 1.0).collect();
    let mut misses = Vec::new();
    for make in checks::BUILT_IN {
        let name = make().definition().name;
        let check = evaluator(&name);
        let outcomes: Vec<Outcome> = runs.iter().map(|(conversation, _)| judge(&check, conversation)).collect();
        let judged: Vec<usize> = (0..runs.len()).filter(|&at| outcomes[at].session().is_some()).collect();
        if judged.is_empty() {
            println!("| {name} | tau-bench | reward 0 | 0 | | | | | | abstains |");
            continue;
        }
        let value = |at: &usize| outcomes[*at].session().map_or(1.0, |verdict| verdict.value);
        let flagged = |at: &usize| outcomes[*at].session().is_some_and(|verdict| !verdict.passed);
        let values: Vec<f64> = judged.iter().map(value).collect();
        let bad: Vec<bool> = judged.iter().map(|at| failed[*at]).collect();
        let detection = Detection::count(judged.iter().map(|at| (flagged(at), failed[*at])));
        if name == "tool_errors" {
            // Whether a run met its goal hardly shows in its talk; failed tools are the one sign that holds.
            assert!(detection.precision() > Some(0.6), "{detection:?}");
        }
        let auc = area(&values, &bad).map_or("-".to_owned(), |auc| format!("AUC {auc:.3}"));
        row(&name, "tau-bench", "reward 0", judged.len(), bad.iter().filter(|b| **b).count(), &detection, &auc);
        for at in judged {
            if flagged(&at) && !failed[at] {
                let explanation =
                    outcomes[at].session().and_then(|verdict| verdict.explanation.clone()).unwrap_or_default();
                misses.push(format!(
                    "{name} flags {} (reward 1): {}",
                    runs[at].0.session.external_id,
                    cut(&explanation)
                ));
            }
        }
    }
    print_some(&misses, 60);
}

fn print_some(lines: &[String], at_most: usize) {
    println!();
    let step = (lines.len() / at_most).max(1);
    for line in lines.iter().step_by(step).take(at_most) {
        println!("- {line}");
    }
}

#[test]
fn faithfulness_on_mtrag() {
    let Some(answers) = data::mtrag() else { return };
    head();
    let check = evaluator("hallucination");
    let outcomes: Vec<Outcome> = answers.iter().map(|answer| judge(&check, &answer.conversation)).collect();
    let values: Vec<f64> = outcomes.iter().map(last_value).collect();
    let people: Vec<f64> = answers.iter().map(|answer| answer.faithfulness).collect();
    let bad: Vec<bool> = people.iter().map(|mean| *mean < 3.0).collect();
    let correlation = spearman(&values, &people).expect("both vary");
    let flagged = |outcome: &Outcome| outcome.verdicts().last().is_some_and(|verdict| !verdict.passed);
    let detection = Detection::count(outcomes.iter().map(flagged).zip(bad.iter().copied()));
    let auc = area(&values, &bad).expect("both kinds");
    let extra = format!("Spearman {correlation:.3}, AUC {auc:.3}");
    row(
        "hallucination",
        "MTRAG",
        "mean faithfulness < 3",
        answers.len(),
        bad.iter().filter(|b| **b).count(),
        &detection,
        &extra,
    );
    for name in ["Bert-KPrec", "rl_f", "RougeL"] {
        let published: Vec<f64> =
            answers.iter().map(|answer| answer.published.get(name).copied().unwrap_or(0.0)).collect();
        let correlation = spearman(&published, &people).expect("both vary");
        println!("| ({name}, published) | MTRAG | | {} | | | | | | Spearman {correlation:.3} |", answers.len());
    }
    for kind in ["ANSWERABLE", "PARTIAL", "UNANSWERABLE", "CONVERSATIONAL"] {
        let of: Vec<usize> = (0..answers.len()).filter(|&at| answers[at].answerability == kind).collect();
        let mean = of.iter().map(|at| values[*at]).sum::<f64>() / of.len() as f64;
        let people = of.iter().map(|at| people[*at]).sum::<f64>() / of.len() as f64;
        let flags = of.iter().filter(|at| flagged(&outcomes[**at])).count();
        println!(
            "| hallucination | MTRAG {kind} | | {} | | {flags} | | | | mean {mean:.2}, people {people:.2} of 4 |",
            of.len()
        );
    }
    for name in ["coherence", "safety", "refusal", "resolution"] {
        let check = evaluator(name);
        let outcomes: Vec<Outcome> = answers.iter().map(|answer| judge(&check, &answer.conversation)).collect();
        let unsuitable: Vec<bool> = answers.iter().map(|answer| answer.appropriateness < 2.5).collect();
        let last = |(outcome, answer): (&Outcome, &data::RatedAnswer)| {
            let position = answer.conversation.turns.last().map_or(0, |turn| turn.position);
            outcome.turn(position).or(outcome.session()).is_some_and(|verdict| !verdict.passed)
        };
        let flags: Vec<bool> = outcomes.iter().zip(&answers).map(last).collect();
        let detection = Detection::count(flags.iter().copied().zip(unsuitable.iter().copied()));
        let count = unsuitable.iter().filter(|bad| **bad).count();
        row(name, "MTRAG", "mean appropriateness < 2.5", answers.len(), count, &detection, "");
        for (at, outcome) in outcomes.iter().enumerate().filter(|(at, _)| flags[*at] && !unsuitable[*at]).take(6) {
            let why = outcome.verdicts().last().and_then(|verdict| verdict.explanation.clone()).unwrap_or_default();
            println!(
                "  - {name} flags: {} | {}",
                cut(&why),
                cut(&answers[at].conversation.turns.last().unwrap().assistant.as_ref().unwrap().text)
            );
        }
    }
    let mut misses: Vec<(f64, usize)> =
        (0..answers.len()).map(|at| (values[at] - (people[at] - 1.0) / 3.0, at)).collect();
    misses.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (off, at) in misses.iter().take(5).chain(misses.iter().rev().take(5)) {
        let reply = &answers[*at].conversation.turns.last().unwrap().assistant.as_ref().unwrap().text;
        println!("- off by {off:.2}: check {:.2}, people {:.2} of 4: {}", values[*at], people[*at], cut(reply));
    }
    assert!(correlation >= 0.6, "Spearman {correlation}");
}

#[test]
fn hallucinations_of_ragtruth() {
    let Some(answers) = data::ragtruth() else { return };
    head();
    let check = evaluator("hallucination");
    let outcomes: Vec<Outcome> = answers.iter().map(|answer| judge(&check, &answer.conversation)).collect();
    for task in ["qa", "summary", "data2txt", ""] {
        let of: Vec<usize> = (0..answers.len()).filter(|&at| task.is_empty() || answers[at].task == task).collect();
        let bad: Vec<bool> = of.iter().map(|at| answers[*at].hallucinated).collect();
        let values: Vec<f64> = of.iter().map(|at| last_value(&outcomes[*at])).collect();
        let flags = of.iter().map(|at| outcomes[*at].session().is_some_and(|verdict| !verdict.passed));
        let detection = Detection::count(flags.zip(bad.iter().copied()));
        let name = if task.is_empty() { "RAGTruth, all" } else { &format!("RAGTruth {task}") };
        let auc = area(&values, &bad).expect("both kinds");
        assert!(auc > 0.62 && detection.precision() > Some(0.55), "{name}: AUC {auc}, {detection:?}");
        let best = (1..100)
            .map(|t| f64::from(t) / 100.0)
            .map(|t| (t, Detection::count(values.iter().map(|v| *v < t).zip(bad.iter().copied())).f1().unwrap_or(0.0)));
        let best = best.max_by(|a, b| a.1.total_cmp(&b.1)).expect("some");
        row(
            "hallucination",
            name,
            "any span marked",
            of.len(),
            bad.iter().filter(|b| **b).count(),
            &detection,
            &format!("AUC {auc:.3}, best F1 {:.2} at {:.2}", best.1, best.0),
        );
    }
    for at in (0..answers.len()).step_by(131) {
        let verdict = outcomes[at].session();
        if let Some(verdict) = verdict.filter(|verdict| verdict.passed == answers[at].hallucinated) {
            println!(
                "- missed: {} hallucinated {}: {:.2} {}",
                answers[at].conversation.session.external_id,
                answers[at].hallucinated,
                verdict.value,
                cut(verdict.explanation.as_deref().unwrap_or(""))
            );
        }
    }
}

#[test]
fn personal_data_of_presidio() {
    let Some(texts) = data::presidio() else { return };
    head();
    let kinds = [
        (Personal::Card, "CREDIT_CARD"),
        (Personal::Email, "EMAIL_ADDRESS"),
        (Personal::Phone, "PHONE_NUMBER"),
        (Personal::Iban, "IBAN_CODE"),
        (Personal::SocialSecurity, "US_SSN"),
        (Personal::Address, "IP_ADDRESS"),
    ];
    let mut misses = Vec::new();
    for (kind, label) in kinds {
        let mut detection = Detection::default();
        for (text, planted) in &texts {
            let found: Vec<_> =
                find(text).into_iter().filter(|piece| piece.kind == kind).map(|piece| piece.range).collect();
            let planted: Vec<_> = planted.iter().filter(|(of, _, _)| of == label).collect();
            let meets =
                |range: &std::ops::Range<usize>, start: usize, end: usize| range.start < end && start < range.end;
            for (_, start, end) in &planted {
                if found.iter().any(|range| meets(range, *start, *end)) {
                    detection.true_positives += 1;
                } else {
                    detection.false_negatives += 1;
                    misses.push(format!("{label} not found: {:?} in {}", &text[*start..*end], cut(text)));
                }
            }
            for range in found.iter().filter(|range| !planted.iter().any(|(_, start, end)| meets(range, *start, *end)))
            {
                detection.false_positives += 1;
                misses.push(format!("{label} wrongly found: {:?} in {}", &text[range.clone()], cut(text)));
            }
        }
        let planted = detection.true_positives + detection.false_negatives;
        row(
            "safety (personal data)",
            "Presidio",
            label,
            texts.len(),
            usize::try_from(planted).unwrap(),
            &detection,
            "",
        );
        assert!(detection.precision().unwrap_or(0.0) >= 0.7, "{label}: {detection:?}");
    }
    print_some(&misses, 40);
}

#[test]
fn faults_planted_in_the_sample_project() {
    let sample = data::sample();
    if sample.is_empty() {
        println!("skipped: there is no sample project");
        return;
    }
    head();
    // Each with the least F1 below which it no longer earns its place.
    let wanted: [(&str, &[&str], f64); 6] = [
        ("coherence", &["incoherent", "loop"], 0.6),
        ("resolution", &["unresolved", "abandonment"], 0.8),
        ("safety", &["unsafe_advice", "pii"], 0.8),
        ("hallucination", &["contradicted_by_tool", "invented_policy", "tool_error_ignored"], 0.45),
        ("loop", &["loop"], 0.7),
        ("tool_errors", &["tool_error_ignored"], 0.7),
    ];
    let mut misses = Vec::new();
    for (name, kinds, least) in wanted {
        let check = evaluator(name);
        let mut sessions = Detection::default();
        let mut values = Vec::new();
        let mut bad = Vec::new();
        let mut found: std::collections::BTreeMap<String, (u32, u32)> = std::collections::BTreeMap::new();
        for (conversation, faults) in &sample {
            let outcome = judge(&check, conversation);
            let mine: Vec<&Fault> = faults.iter().filter(|fault| kinds.contains(&fault.kind.as_str())).collect();
            let Some(session) = outcome.session() else {
                misses.extend(
                    mine.iter().map(|fault| {
                        format!("{name} abstains on {}: {}", conversation.session.external_id, fault.kind)
                    }),
                );
                if !mine.is_empty() {
                    sessions.false_negatives += 1;
                }
                continue;
            };
            values.push(session.value);
            bad.push(!mine.is_empty());
            match (!session.passed, !mine.is_empty()) {
                (true, true) => sessions.true_positives += 1,
                (true, false) => {
                    sessions.false_positives += 1;
                    let why = session.explanation.clone().unwrap_or_default();
                    misses.push(format!(
                        "{name} flags {} ({:?}): {:.2} {}",
                        conversation.session.external_id,
                        faults.iter().map(|f| f.kind.as_str()).collect::<Vec<_>>(),
                        session.value,
                        cut(&why)
                    ));
                }
                (false, true) => {
                    sessions.false_negatives += 1;
                    let subtle = if mine.iter().all(|fault| fault.subtle) { " (subtle)" } else { "" };
                    let kinds: Vec<&str> = mine.iter().map(|fault| fault.kind.as_str()).collect();
                    misses.push(format!(
                        "{name} misses {}{subtle}: {kinds:?} {:.2}",
                        conversation.session.external_id, session.value
                    ));
                }
                (false, false) => sessions.true_negatives += 1,
            }
            for fault in &mine {
                let entry = found.entry(fault.kind.clone()).or_default();
                entry.1 += 1;
                let at_turn = outcome.turn(fault.turn).is_some_and(|verdict| !verdict.passed);
                entry.0 += u32::from(at_turn);
            }
        }
        assert!(sessions.f1() >= Some(least), "{name}: {sessions:?}");
        let auc = area(&values, &bad).map_or("-".to_owned(), |auc| format!("{auc:.3}"));
        let at_turn: Vec<String> = found.iter().map(|(kind, (hit, all))| format!("{kind} {hit}/{all}")).collect();
        row(
            name,
            "sample",
            &kinds.join(", "),
            sample.len(),
            bad.iter().filter(|b| **b).count(),
            &sessions,
            &format!("AUC {auc}; in the right turn: {}", at_turn.join(", ")),
        );
    }
    println!();
    for miss in misses {
        println!("- {miss}");
    }
}
