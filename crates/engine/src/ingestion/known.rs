//! Which messages are known to be stored, so that the chat history that every LLM call repeats is not written again.
//!
//! Only what was committed gets in, and messages are never deleted while their project lives. Forgetting one costs an
//! insert that changes nothing.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use turnwise_model::ProjectId;
use turnwise_store::MessageHash;

/// How many are remembered at least; twice as many at most, 40 bytes each.
const GENERATION: usize = 100_000;

/// The most recently seen messages, in two generations: when the young one is full it becomes the old one.
#[derive(Debug, Default)]
pub(super) struct KnownMessages(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashSet<u128>,
    old: HashSet<u128>,
}

impl KnownMessages {
    pub(super) fn contains(&self, project: ProjectId, hash: &MessageHash) -> bool {
        let key = key(project, hash);
        let mut generations = self.generations();
        if generations.young.contains(&key) {
            return true;
        }
        let is_old = generations.old.contains(&key);
        if is_old {
            generations.remember(key);
        }
        is_old
    }

    pub(super) fn committed(&self, messages: impl IntoIterator<Item = (ProjectId, MessageHash)>) {
        let mut generations = self.generations();
        for (project, hash) in messages {
            generations.remember(key(project, &hash));
        }
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        // Nothing in here can be half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn remember(&mut self, key: u128) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key);
    }
}

/// Hash and project in one number. Project ids are not of anybody's choosing, so nobody can make two of them meet.
fn key(project: ProjectId, hash: &MessageHash) -> u128 {
    project.as_uuid().as_u128() ^ u128::from_le_bytes(hash.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnwise_model::{Ambient, Micros};

    #[test]
    fn a_message_is_known_in_its_project_only_and_after_its_commit() {
        let (ambient, _) = Ambient::for_tests(Micros(1));
        let (here, elsewhere) = (ambient.id(), ambient.id());
        let known = KnownMessages::default();
        let hash = MessageHash::of(b"hello");
        assert!(!known.contains(here, &hash));
        known.committed([(here, hash)]);
        assert!(known.contains(here, &hash));
        assert!(!known.contains(elsewhere, &hash));
    }

    #[test]
    fn what_is_asked_for_is_kept_and_the_rest_forgotten() {
        let (ambient, _) = Ambient::for_tests(Micros(1));
        let project = ambient.id();
        let known = KnownMessages::default();
        let kept = MessageHash::of(b"kept");
        known.committed([(project, kept)]);
        for number in 0..(3 * GENERATION as u64) {
            known.committed([(project, MessageHash::of(&number.to_le_bytes()))]);
            if number % 1_000 == 0 {
                assert!(known.contains(project, &kept), "after {number}");
            }
        }
        assert!(!known.contains(project, &MessageHash::of(&0_u64.to_le_bytes())));
    }
}
