//! What must hold whatever the data.

use proptest::prelude::*;
use turnwise_stats::agreement::{
    Bootstrap, ConfusionTable, Metric, Weights, cohen_kappa, fleiss_kappa, gwet_ac1, krippendorff_alpha,
};
use turnwise_stats::calibration::{
    Basis, Isotonic, Platt, auto_accept, brier_score, expected_calibration_error, pool_adjacent_violators,
};
use turnwise_stats::correlation::{pearson, spearman};
use turnwise_stats::estimation::{
    Diagnostic, Lambda, active_mean, active_probabilities, effective_labels, ppi_mean, rogan_gladen, tuned_lambda,
    wilson,
};
use turnwise_stats::pass_k::{Trials, pass_hat_k};
use turnwise_stats::sampling::{
    SessionTotals, Stratum, hajek_mean, horvitz_thompson_mean, keep, kish_effective_size, neyman_allocation,
    sequential_poisson, size_proportional, threshold, turn_rate, uniform, whole_allocation,
};
use turnwise_stats::survival::{Observation, kaplan_meier};
use turnwise_stats::{Estimate, Undefined};

const METRICS: [Metric; 4] = [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio];

fn units() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec((1_u8..6).prop_map(f64::from), 0..5), 0..15)
}

/// (value, inclusion probability) of a sample.
fn sample() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-100.0..100.0, 0.001..=1.0), 1..40).prop_map(|pairs| pairs.into_iter().unzip())
}

fn scored() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec(((0_u8..=20).prop_map(|n| f64::from(n) / 20.0), any::<bool>()), 1..60)
        .prop_map(|pairs| pairs.into_iter().unzip())
}

fn is_sound(estimate: &Estimate) -> Result<(), TestCaseError> {
    prop_assert!(estimate.value.is_finite() && estimate.standard_error.is_finite());
    prop_assert!(estimate.standard_error >= 0.0);
    prop_assert!(estimate.interval.contains(estimate.value), "{:?}", estimate);
    Ok(())
}

fn same(left: Result<f64, Undefined>, right: Result<f64, Undefined>) -> Result<(), TestCaseError> {
    match (left, right) {
        (Ok(left), Ok(right)) => prop_assert!((left - right).abs() < 1e-9, "{left} and {right}"),
        (left, right) => prop_assert_eq!(left.is_err(), right.is_err()),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // Agreement.

    #[test]
    fn alpha_is_at_most_one(units in units()) {
        for metric in METRICS {
            if let Ok(alpha) = krippendorff_alpha(&units, metric) {
                prop_assert!(alpha.is_finite() && alpha <= 1.0, "{metric:?}: {alpha}");
            }
        }
    }

    #[test]
    fn alpha_does_not_depend_on_the_order_of_units_or_raters(
        (units, shuffled) in units().prop_flat_map(|units| (Just(units.clone()), Just(units).prop_shuffle()))
    ) {
        let mut shuffled = shuffled;
        shuffled.iter_mut().for_each(|unit| unit.reverse());
        for metric in METRICS {
            same(krippendorff_alpha(&units, metric), krippendorff_alpha(&shuffled, metric))?;
        }
    }

    #[test]
    fn alpha_ignores_units_with_one_rating(units in units(), lone in 1_u8..6) {
        let mut more = units.clone();
        more.push(vec![f64::from(lone)]);
        for metric in METRICS {
            prop_assert_eq!(krippendorff_alpha(&units, metric), krippendorff_alpha(&more, metric));
        }
    }

    #[test]
    fn alpha_is_one_exactly_when_all_agree(values in prop::collection::vec((1_u8..6, 2_usize..5), 2..10)) {
        let units: Vec<Vec<f64>> = values.iter().map(|&(value, raters)| vec![f64::from(value); raters]).collect();
        let one_value = values.iter().all(|value| value.0 == values[0].0);
        for metric in METRICS {
            let expected = if one_value { Err(Undefined::OneCategory) } else { Ok(1.0) };
            prop_assert_eq!(krippendorff_alpha(&units, metric), expected);
        }
    }

    #[test]
    fn interval_alpha_does_not_depend_on_the_unit_of_measurement(units in units(), scale in 0.1..50.0, shift in -50.0..50.0) {
        let moved: Vec<Vec<f64>> =
            units.iter().map(|unit| unit.iter().map(|value| value * scale + shift).collect()).collect();
        same(krippendorff_alpha(&units, Metric::Interval), krippendorff_alpha(&moved, Metric::Interval))?;
    }

    #[test]
    fn kappas_are_at_most_one_and_symmetric(cells in prop::collection::vec(0_u64..30, 9)) {
        let rows: Vec<&[u64]> = cells.chunks(3).collect();
        let turned: Vec<Vec<u64>> = (0..3).map(|j| (0..3).map(|i| rows[i][j]).collect()).collect();
        let (table, turned) = (ConfusionTable::from_rows(&rows).unwrap(), ConfusionTable::from_rows(&turned).unwrap());
        for weights in [Weights::Unweighted, Weights::Linear, Weights::Quadratic] {
            let kappa = cohen_kappa(&table, weights);
            if let Ok(kappa) = &kappa {
                prop_assert!(kappa.value <= 1.0 && kappa.value.is_finite());
                prop_assert!(kappa.standard_error >= 0.0 && kappa.standard_error.is_finite());
            }
            let of = |kappa: Result<turnwise_stats::agreement::Kappa, Undefined>| kappa.map(|kappa| kappa.value);
            same(of(kappa), of(cohen_kappa(&turned, weights)))?;
        }
        same(gwet_ac1(&table.items()), gwet_ac1(&turned.items()))?;
        for value in [gwet_ac1(&table.items()), fleiss_kappa(&table.items())].into_iter().flatten() {
            prop_assert!(value.is_finite() && value <= 1.0 + 1e-12, "{value}");
        }
    }

    #[test]
    fn a_bootstrap_interval_lies_within_what_the_statistic_can_reach(
        values in prop::collection::vec(0.0..1.0, 2..20), seed in any::<u64>()
    ) {
        let sessions: Vec<usize> = (0..values.len()).collect();
        let bootstrap = Bootstrap { resamples: 100, seed, ..Bootstrap::default() };
        let mean = |drawn: &[usize]| Ok(drawn.iter().map(|&index| values[index]).sum::<f64>() / drawn.len() as f64);
        let interval = bootstrap.over_sessions(&sessions, mean).unwrap();
        prop_assert!(0.0 <= interval.low && interval.low <= interval.high && interval.high <= 1.0);
    }

    // Sampling.

    #[test]
    fn a_lower_rate_keeps_a_subset(randomness in any::<u64>(), one in 0.0..=1.0, other in 0.0..=1.0) {
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        prop_assert!(!keep(randomness, threshold(low)) || keep(randomness, threshold(high)));
        prop_assert_eq!(keep(randomness, threshold(one)), uniform(randomness) < one);
    }

    #[test]
    fn estimates_lie_in_their_interval_and_in_the_range_of_the_values((values, inclusion) in sample()) {
        if let Ok(estimate) = horvitz_thompson_mean(&values, &inclusion, 1000) {
            is_sound(&estimate)?;
        }
        if let Ok(estimate) = hajek_mean(&values, &inclusion) {
            is_sound(&estimate)?;
            let least = values.iter().copied().fold(f64::MAX, f64::min);
            let most = values.iter().copied().fold(f64::MIN, f64::max);
            prop_assert!(least - 1e-9 <= estimate.value && estimate.value <= most + 1e-9);
        }
        let effective = kish_effective_size(&inclusion).unwrap();
        prop_assert!(1.0 - 1e-9 <= effective && effective <= values.len() as f64 + 1e-9);
    }

    #[test]
    fn with_one_turn_a_session_the_turn_rate_is_hajeks((values, inclusion) in sample()) {
        let sessions: Vec<SessionTotals> = values
            .iter()
            .zip(&inclusion)
            .map(|(&events, &inclusion)| SessionTotals { inclusion, events, turns: 1.0 })
            .collect();
        if let (Ok(rate), Ok(mean)) = (turn_rate(&sessions), hajek_mean(&values, &inclusion)) {
            is_sound(&rate)?;
            prop_assert!((rate.value - mean.value).abs() < 1e-9);
            prop_assert!((rate.standard_error - mean.standard_error).abs() < 1e-9);
        }
    }

    #[test]
    fn labels_are_given_out_exactly_and_no_stratum_overflows(
        sizes in prop::collection::vec((0_u64..200, 0.0..1.0), 1..8), share in 0.0..=1.0, least in 0_u64..4
    ) {
        let strata: Vec<Stratum> = sizes.iter().map(|&(size, deviation)| Stratum { size, deviation }).collect();
        let held: u64 = sizes.iter().map(|stratum| stratum.0).sum();
        let labels = (held as f64 * share) as u64;
        if let Ok(shares) = neyman_allocation(&strata, labels) {
            prop_assert!((shares.iter().sum::<f64>() - labels as f64).abs() < 1e-6, "{shares:?}");
            prop_assert!(shares.iter().zip(&strata).all(|(share, stratum)| *share <= stratum.size as f64 && *share >= 0.0));
        }
        if let Ok(whole) = whole_allocation(&strata, labels, least) {
            prop_assert_eq!(whole.iter().sum::<u64>(), labels);
            for (given, stratum) in whole.iter().zip(&strata) {
                prop_assert!(*given <= stratum.size && *given >= least.min(stratum.size));
            }
        }
    }

    #[test]
    fn a_larger_fixed_sample_holds_the_smaller_one(
        pairs in prop::collection::vec((0.0..1.0, 0.01..1.0), 2..40), cut in 0.0..1.0
    ) {
        let (uniforms, inclusion): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let small = (inclusion.len() as f64 * cut) as usize;
        let smaller = sequential_poisson(&uniforms, &inclusion, small).unwrap();
        let larger = sequential_poisson(&uniforms, &inclusion, small + 1).unwrap();
        prop_assert_eq!(&larger[..small], &smaller[..]);
        prop_assert_eq!(larger.len(), small + 1);
    }

    #[test]
    fn size_proportional_probabilities_add_up(weights in prop::collection::vec(0.01..100.0, 1..30), cut in 0.0..=1.0) {
        let size = (weights.len() as f64 * cut) as usize;
        let inclusion = size_proportional(&weights, size).unwrap();
        prop_assert!((inclusion.iter().sum::<f64>() - size as f64).abs() < 1e-6);
        prop_assert!(inclusion.iter().all(|&p| (0.0..=1.0).contains(&p)));
    }

    // Estimation.

    #[test]
    fn ppi_is_sound_and_a_tuned_lambda_never_loses_much(
        pairs in prop::collection::vec((any::<bool>(), 0.0..1.0), 2..40),
        judged_only in prop::collection::vec(0.0..1.0, 1..80)
    ) {
        let labels: Vec<f64> = pairs.iter().map(|pair| f64::from(u8::from(pair.0))).collect();
        let judged: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        if let Ok(ppi) = ppi_mean(&labels, &judged, &judged_only, Lambda::Tuned) {
            is_sound(&ppi.estimate)?;
            prop_assert!((0.0..=1.0).contains(&ppi.lambda));
            let tuned = tuned_lambda(&labels, &judged, &judged_only).unwrap();
            prop_assert_eq!(ppi.lambda, tuned.clamp(0.0, 1.0));
        }
        if let Ok(alone) = ppi_mean(&labels, &judged, &judged_only, Lambda::Fixed(0.0)) {
            let mean = labels.iter().sum::<f64>() / labels.len() as f64;
            prop_assert!((alone.estimate.value - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn effective_labels_lie_between_the_labels_and_all_items(n in 1_usize..500, others in 0_usize..5000, rho in -1.0..=1.0) {
        let effective = effective_labels(n, others, rho).unwrap();
        prop_assert!(n as f64 - 1e-6 <= effective && effective <= (n + others) as f64 + 1e-6);
    }

    #[test]
    fn active_inference_with_every_label_is_the_mean(
        pairs in prop::collection::vec((any::<bool>(), 0.0..=1.0), 2..40), budget in 0.01..=1.0, share in 0.01..=1.0
    ) {
        let judged: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        let labels: Vec<Option<f64>> = pairs.iter().map(|pair| Some(f64::from(u8::from(pair.0)))).collect();
        let inclusion = active_probabilities(&judged, budget, share).unwrap();
        prop_assert!(inclusion.iter().all(|&p| p > 0.0 && p <= 1.0));
        if let Ok(estimate) = active_mean(&judged, &labels, &vec![1.0; judged.len()], 1.0) {
            is_sound(&estimate)?;
            let mean = labels.iter().flatten().sum::<f64>() / labels.len() as f64;
            prop_assert!((estimate.value - mean).abs() < 1e-9);
        }
    }

    #[test]
    fn a_corrected_rate_is_a_rate(
        positive_rate in 0.0..=1.0, sensitivity in 0.0..=1.0, specificity in 0.0..=1.0,
        judged in 1_u64..5000, positive_labels in 1_u64..500, negative_labels in 1_u64..500
    ) {
        let diagnostic =
            Diagnostic { positive_rate, judged, sensitivity, positive_labels, specificity, negative_labels };
        match rogan_gladen(&diagnostic) {
            Ok(estimate) => {
                prop_assert!((0.0..=1.0).contains(&estimate.value));
                let interval = estimate.interval;
                prop_assert!(0.0 <= interval.low && interval.low <= interval.high && interval.high <= 1.0);
                prop_assert!(sensitivity + specificity > 1.0);
            }
            Err(Undefined::NoBetterThanChance { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn wilsons_interval_holds_the_share(labelled in 1_u64..3000, part in 0.0..=1.0) {
        let estimate = wilson((labelled as f64 * part) as u64, labelled).unwrap();
        is_sound(&estimate)?;
        prop_assert!(estimate.interval.low >= 0.0 && estimate.interval.high <= 1.0 && estimate.interval.width() > 0.0);
    }

    // Calibration.

    #[test]
    fn pooled_values_rise_keep_their_mean_and_are_stable(values in prop::collection::vec(-100.0..100.0, 1..60)) {
        let pooled = pool_adjacent_violators(&values).unwrap();
        prop_assert!(pooled.windows(2).all(|pair| pair[0] <= pair[1]), "{pooled:?}");
        prop_assert!((pooled.iter().sum::<f64>() - values.iter().sum::<f64>()).abs() < 1e-6);
        prop_assert_eq!(pool_adjacent_violators(&pooled).unwrap(), pooled);
    }

    #[test]
    fn calibrated_values_are_probabilities_and_isotonic_ones_rise((scores, outcomes) in scored(), at in -1.0..2.0, further in 0.0..1.0) {
        if let Ok(curve) = Isotonic::fit(&scores, &outcomes) {
            prop_assert!((0.0..=1.0).contains(&curve.predict(at)));
            prop_assert!(curve.predict(at) <= curve.predict(at + further));
        }
        if let Ok(curve) = Platt::fit(&scores, &outcomes) {
            prop_assert!((0.0..=1.0).contains(&curve.predict(at)), "{curve:?}");
            // At the optimum the mean prediction equals the mean target.
            let positive = outcomes.iter().filter(|&&outcome| outcome).count() as f64;
            let negative = outcomes.len() as f64 - positive;
            let target = positive * (positive + 1.0) / (positive + 2.0) + negative / (negative + 2.0);
            let predicted: f64 = scores.iter().map(|&score| curve.predict(score)).sum();
            prop_assert!((predicted - target).abs() < 1e-3, "{predicted} and {target}");
        }
    }

    #[test]
    fn calibration_errors_lie_between_zero_and_one((scores, outcomes) in scored(), bins in 1_usize..30) {
        let error = expected_calibration_error(&scores, &outcomes, bins).unwrap();
        let brier = brier_score(&scores, &outcomes).unwrap();
        prop_assert!((0.0..=1.0).contains(&error) && (0.0..=1.0).contains(&brier));
        // Jensen: a bin's squared gap is at most its mean squared error.
        prop_assert!(error * error <= brier + 1e-9);
    }

    #[test]
    fn auto_accept_stops_at_its_first_failure((confidences, agrees) in scored()) {
        let grid: Vec<f64> = (0..=20).rev().map(|n| f64::from(n) / 20.0).collect();
        let basis = Basis { judge: String::new(), prompt: String::new(), rubric: String::new() };
        let certificate = auto_accept(&confidences, &agrees, &grid, 0.3, 0.3, basis).unwrap();
        let (last, before) = certificate.steps.split_last().unwrap();
        prop_assert!(before.iter().all(|step| step.passed));
        let last_pass = if last.passed { Some(last) } else { before.last() };
        prop_assert_eq!(certificate.threshold, last_pass.map(|step| step.confidence));
    }

    // The rest.

    #[test]
    fn correlations_lie_within_one_and_ranks_ignore_a_rising_change(
        pairs in prop::collection::vec((-50.0..50.0, -50.0..50.0), 1..30)
    ) {
        let (left, right): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let cubed: Vec<f64> = left.iter().map(|x: &f64| x.powi(3)).collect();
        same(spearman(&left, &right), spearman(&cubed, &right))?;
        if let Ok(value) = pearson(&left, &right) {
            prop_assert!((-1.0..=1.0).contains(&value));
            same(Ok(value), pearson(&right, &left))?;
        }
    }

    #[test]
    fn more_trials_in_a_row_never_succeed_more_often(tasks in prop::collection::vec((4_u32..20, 0.0..=1.0), 1..20)) {
        let tasks: Vec<Trials> =
            tasks.iter().map(|&(run, rate)| Trials { run, succeeded: (f64::from(run) * rate) as u32 }).collect();
        let rates: Vec<f64> = (1..=4).map(|k| pass_hat_k(&tasks, k).unwrap()).collect();
        prop_assert!(rates.windows(2).all(|pair| pair[0] >= pair[1]) && rates[0] <= 1.0 && rates[3] >= 0.0, "{rates:?}");
    }

    #[test]
    fn survival_never_rises_and_without_open_sessions_is_the_share_left(
        sessions in prop::collection::vec((1_u32..15, any::<bool>()), 1..60)
    ) {
        let observed: Vec<Observation> =
            sessions.iter().map(|&(turns, ended)| Observation { turns, ended }).collect();
        let steps = kaplan_meier(&observed).unwrap();
        prop_assert!(steps.windows(2).all(|pair| pair[0].survival >= pair[1].survival && pair[0].turn < pair[1].turn));
        for step in &steps {
            prop_assert!((0.0..=1.0).contains(&step.survival));
            prop_assert!(step.interval.is_none_or(|interval| interval.contains(step.survival)));
        }
        let all_ended: Vec<Observation> =
            sessions.iter().map(|&(turns, _)| Observation { turns, ended: true }).collect();
        for step in kaplan_meier(&all_ended).unwrap() {
            let left = sessions.iter().filter(|session| session.0 > step.turn).count();
            prop_assert!((step.survival - left as f64 / sessions.len() as f64).abs() < 1e-9);
        }
    }
}
