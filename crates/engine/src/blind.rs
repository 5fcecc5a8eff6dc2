//! Blind first: who still owes an answer in a blind queue is told no verdict, by whatever door.

use turnwise_model::access::Role;
use turnwise_model::{Micros, SessionId};
use turnwise_store::{Store, StoreError};

use crate::access::Access;

/// Whether the caller reviews and owes an answer about some session. Editors and owners decide what reviewers see, and see
/// it themselves.
pub(crate) async fn owes_any(store: &Store, access: &Access) -> Result<bool, StoreError> {
    if access.role != Role::Reviewer || access.account().is_none() {
        return Ok(false);
    }
    store.owes_blind_review(access.project.id, &access.reviewer()).await
}

/// Whether verdicts about one session are to be kept from the caller: from reviewers as long as they owe an answer, from
/// editors and owners once they have begun to give it.
pub(crate) async fn withholds(
    store: &Store,
    access: &Access,
    session: SessionId,
    now: Micros,
) -> Result<bool, StoreError> {
    if access.role < Role::Reviewer || access.account().is_none() {
        return Ok(false);
    }
    let owed = store.blind_tasks(access.project.id, session, &access.reviewer(), now).await?;
    Ok(owed.iter().any(|task| task.begun || access.role == Role::Reviewer))
}
