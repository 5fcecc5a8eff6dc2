//! pass^k: the chance that k independent trials of a task all succeed. Source: Yao et al. 2024 (τ-bench).

use serde::{Deserialize, Serialize};

use crate::{Needed, Undefined};

/// The trials of one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trials {
    /// n: how many were run.
    pub run: u32,
    /// c: how many succeeded.
    pub succeeded: u32,
}

/// The mean over tasks of C(c, k) / C(n, k).
///
/// # Errors
/// No tasks, k = 0, a task with fewer than k trials, or with more successes than trials.
pub fn pass_hat_k(tasks: &[Trials], k: u32) -> Result<f64, Undefined> {
    if tasks.is_empty() {
        return Err(Undefined::Empty);
    }
    if k == 0 {
        return Err(Undefined::TooFew { what: Needed::Trials, have: 0, need: 1 });
    }
    let mut sum = 0.0;
    for task in tasks {
        if task.run < k {
            return Err(Undefined::TooFew { what: Needed::Trials, have: task.run as usize, need: k as usize });
        }
        crate::check::within(f64::from(task.succeeded), 0.0, f64::from(task.run))?;
        if task.succeeded >= k {
            sum += (0..k).map(|i| f64::from(task.succeeded - i) / f64::from(task.run - i)).product::<f64>();
        }
    }
    Ok(sum / tasks.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_successes_in_eight_trials() {
        let task = [Trials { run: 8, succeeded: 6 }];
        for (k, expected) in [(1, 0.75), (2, 0.535_714), (4, 0.214_286), (7, 0.0)] {
            assert!((pass_hat_k(&task, k).unwrap() - expected).abs() < 5e-7, "k = {k}");
        }
    }

    #[test]
    fn too_few_trials_leave_it_undefined() {
        let task = Trials { run: 3, succeeded: 3 };
        let undefined = Err(Undefined::TooFew { what: Needed::Trials, have: 3, need: 4 });
        assert_eq!(pass_hat_k(&[task], 4), undefined);
        assert_eq!(pass_hat_k(&[], 1), Err(Undefined::Empty));
        assert!(pass_hat_k(&[task], 0).is_err());
        assert!(pass_hat_k(&[Trials { run: 3, succeeded: 4 }], 1).is_err());
    }
}
