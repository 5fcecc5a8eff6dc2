//! Consistent sampling: whether a session is taken follows from its id and a salt, so every process agrees.
//!
//! The randomness is 56 bits of `blake3(salt ‖ session id)`, read as the upper bits of a uniform draw; a session is
//! taken iff u < rate. The same salt gives nested samples (π = min), independent salts multiply.

use crate::{Probability, SessionId};

/// 2⁵⁶, one more than the largest randomness value.
const RANGE: u64 = 1 << 56;

/// The 56-bit randomness of a session under a salt.
#[must_use]
pub fn randomness(salt: &str, session: SessionId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt.as_bytes());
    hasher.update(session.as_uuid().as_bytes());
    let mut head = [0_u8; 8];
    head[1..].copy_from_slice(&hasher.finalize().as_bytes()[..7]);
    u64::from_be_bytes(head)
}

/// The draw of a session under a salt, from 0 up to 1: it is taken iff this is less than the rate.
#[must_use]
pub fn draw(salt: &str, session: SessionId) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "for people and for orders; whether it is taken is decided in whole numbers"
    )]
    let draw = randomness(salt, session) as f64 / RANGE as f64;
    draw
}

/// Whether a session belongs to the sample of this rate.
#[must_use]
pub fn is_sampled(salt: &str, session: SessionId, rate: Probability) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "2⁵⁶ is exact as a double")]
    let limit = rate.get() * RANGE as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability times 2⁵⁶ fits u64")]
    let limit = limit as u64;
    randomness(salt, session) < limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProjectId, id::Id};

    fn sessions() -> impl Iterator<Item = SessionId> {
        let project = ProjectId::from_uuid(uuid::Uuid::from_u128(1));
        (0..10_000).map(move |n| SessionId::derive(project, &format!("chat-{n}")))
    }

    fn rate(value: f64) -> Probability {
        Probability::new(value).unwrap()
    }

    #[test]
    fn the_share_taken_is_the_rate() {
        let taken = sessions().filter(|id| is_sampled("audit", *id, rate(0.2))).count();
        assert!((1_880..=2_120).contains(&taken), "3σ around 2000, got {taken}");
    }

    #[test]
    fn a_smaller_rate_with_the_same_salt_takes_a_part_of_the_larger_sample() {
        assert!(sessions().all(|id| !is_sampled("a", id, rate(0.1)) || is_sampled("a", id, rate(0.3))));
    }

    #[test]
    fn different_salts_draw_independently() {
        let both = sessions().filter(|id| is_sampled("a", *id, rate(0.5)) && is_sampled("b", *id, rate(0.5))).count();
        assert!((2_370..=2_630).contains(&both), "3σ around 2500, got {both}");
    }

    #[test]
    fn rate_one_takes_all_and_rate_zero_none() {
        assert!(sessions().all(|id| is_sampled("a", id, Probability::ONE)));
        assert!(sessions().all(|id| !is_sampled("a", id, Probability::ZERO)));
    }
}
