//! Background work: claims, leases, fences, retries.

use std::collections::HashSet;
use std::time::Duration;

use turnwise_model::Micros;
use turnwise_store::testing::TestStore;
use turnwise_store::{ClaimedWork, Durability, Lease, NewWork, contract};

use crate::setting::write;

const LEASE: Duration = Duration::from_secs(60);

async fn enqueue(store: &TestStore, key: &str, due_at: Micros) {
    let mut transaction = write(store).await;
    transaction.enqueue(&NewWork::new(store.ambient.id(), "sweep", key, due_at)).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn claim(store: &TestStore, limit: u32) -> Vec<ClaimedWork> {
    store.claim_work("sweep", store.ambient.now(), LEASE, limit).await.unwrap()
}

async fn claim_one(store: &TestStore) -> ClaimedWork {
    claim(store, 1).await.pop().expect("something is due")
}

fn keys(claimed: &[ClaimedWork]) -> Vec<&str> {
    claimed.iter().map(|work| work.key.as_str()).collect()
}

contract! {
    async fn work_is_claimed_when_due_the_longest_due_first(store) {
        let now = store.ambient.now();
        enqueue(&store, "later", now + LEASE).await;
        enqueue(&store, "second", now).await;
        enqueue(&store, "first", now - LEASE).await;
        assert_eq!(keys(&claim(&store, 10).await), ["first", "second"]);
        assert!(claim(&store, 10).await.is_empty());
        assert_eq!(store.next_work_due("sweep").await.unwrap(), Some(now + LEASE));
        assert_eq!(store.next_work_due("something else").await.unwrap(), None);
    }

    async fn asking_twice_makes_one_row_with_the_latest_payload_and_the_earlier_time(store) {
        let now = store.ambient.now();
        for (payload, due_at) in [("{\"n\":1}", now), ("{\"n\":2}", now + LEASE)] {
            let mut transaction = write(&store).await;
            let work = NewWork { payload, ..NewWork::new(store.ambient.id(), "sweep", "all", due_at) };
            transaction.enqueue(&work).await.unwrap();
            transaction.commit().await.unwrap();
        }
        let claimed = claim(&store, 10).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!((claimed[0].payload.as_str(), claimed[0].attempts), ("{\"n\":2}", 1));
    }

    async fn two_workers_never_hold_one_row(store) {
        let now = store.ambient.now();
        let mut transaction = write(&store).await;
        for number in 0..60 {
            transaction.enqueue(&NewWork::new(store.ambient.id(), "sweep", &format!("key {number}"), now)).await.unwrap();
        }
        transaction.commit().await.unwrap();

        let mut claiming = tokio::task::JoinSet::new();
        let another = store.another_process().await;
        for number in 0..8 {
            let store_of_worker = if number % 2 == 0 { store.store() } else { another.clone() };
            claiming.spawn(async move {
                let mut held = Vec::new();
                loop {
                    let claimed = store_of_worker.claim_work("sweep", now, LEASE, 3).await.unwrap();
                    if claimed.is_empty() && store_of_worker.next_work_due("sweep").await.unwrap() != Some(now) {
                        return held;
                    }
                    held.extend(claimed.into_iter().map(|work| work.id));
                }
            });
        }
        let held: Vec<_> = claiming.join_all().await.into_iter().flatten().collect();
        assert_eq!(held.len(), 60, "each row once");
        assert_eq!(held.iter().collect::<HashSet<_>>().len(), 60);
    }

    async fn done_work_goes_away(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let work = claim_one(&store).await;
        assert_eq!(store.complete_work(&work).await.unwrap(), Lease::Held);
        assert_eq!(store.next_work_due("sweep").await.unwrap(), None);
        assert_eq!(store.complete_work(&work).await.unwrap(), Lease::Lost);
    }

    async fn a_worker_that_was_killed_loses_its_work_to_another(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let killed = claim_one(&store).await;
        store.clock.advance(LEASE / 2);
        assert!(claim(&store, 1).await.is_empty(), "the lease holds");
        store.clock.advance(LEASE / 2);
        let second = claim_one(&store).await;
        assert_eq!((second.id, second.attempts), (killed.id, 2));
        assert!(second.fence > killed.fence);
    }

    async fn a_stale_fence_changes_nothing(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let stale = claim_one(&store).await;
        store.clock.advance(LEASE);
        let held = claim_one(&store).await;
        let now = store.ambient.now();
        assert_eq!(store.complete_work(&stale).await.unwrap(), Lease::Lost);
        assert_eq!(store.repeat_work(&stale, now).await.unwrap(), Lease::Lost);
        assert_eq!(store.retry_work(&stale, now, "late").await.unwrap(), Lease::Lost);
        assert_eq!(store.fail_work(&stale, "late").await.unwrap(), Lease::Lost);
        assert_eq!(store.renew_work(&stale, now + LEASE * 9).await.unwrap(), Lease::Lost);
        assert!(claim(&store, 1).await.is_empty());
        assert_eq!(store.next_work_due("sweep").await.unwrap(), Some(now + LEASE));
        assert_eq!(store.complete_work(&held).await.unwrap(), Lease::Held);
    }

    async fn a_lost_lease_takes_the_results_with_it(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let stale = claim_one(&store).await;
        store.clock.advance(LEASE);
        let _held = claim_one(&store).await;

        let mut transaction = write(&store).await;
        transaction.enqueue(&NewWork::new(store.ambient.id(), "result", "of stale work", store.ambient.now())).await.unwrap();
        assert_eq!(transaction.complete_work(&stale).await.unwrap(), Lease::Lost);
        transaction.roll_back().await.unwrap();
        assert_eq!(store.next_work_due("result").await.unwrap(), None);
    }

    async fn a_renewed_lease_holds_longer(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let work = claim_one(&store).await;
        store.clock.advance(LEASE / 2);
        assert_eq!(store.renew_work(&work, store.ambient.now() + LEASE).await.unwrap(), Lease::Held);
        store.clock.advance(LEASE - Duration::from_micros(1));
        assert!(claim(&store, 1).await.is_empty());
        store.clock.advance(Duration::from_micros(1));
        assert_eq!(claim(&store, 1).await.len(), 1);
    }

    async fn a_retry_waits_and_counts(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let work = claim_one(&store).await;
        let due_at = store.ambient.now() + LEASE * 2;
        assert_eq!(store.retry_work(&work, due_at, "the model was busy").await.unwrap(), Lease::Held);
        store.clock.advance(LEASE);
        assert!(claim(&store, 1).await.is_empty());
        store.clock.advance(LEASE);
        assert_eq!(claim_one(&store).await.attempts, 2);
    }

    async fn failed_work_waits_for_somebody_to_ask_again(store) {
        enqueue(&store, "all", store.ambient.now()).await;
        let work = claim_one(&store).await;
        assert_eq!(store.fail_work(&work, "no such model").await.unwrap(), Lease::Held);
        store.clock.advance(LEASE * 10);
        assert!(claim(&store, 1).await.is_empty());
        let failed = store.failed_work("sweep").await.unwrap();
        assert_eq!((failed.len(), failed[0].key.as_str(), failed[0].last_error.as_deref()), (1, "all", Some("no such model")));

        enqueue(&store, "all", store.ambient.now()).await;
        assert!(store.failed_work("sweep").await.unwrap().is_empty());
        assert_eq!(claim_one(&store).await.attempts, 1);
    }

    async fn work_asked_for_while_it_runs_runs_once_more(store) {
        let now = store.ambient.now();
        enqueue(&store, "all", now).await;
        let work = claim_one(&store).await;
        enqueue(&store, "all", now + LEASE).await;
        enqueue(&store, "all", now).await;
        assert!(claim(&store, 1).await.is_empty(), "it still runs");
        assert_eq!(store.complete_work(&work).await.unwrap(), Lease::Held);
        let again = claim_one(&store).await;
        assert_eq!((again.id, again.attempts), (work.id, 1));
        assert_eq!(store.complete_work(&again).await.unwrap(), Lease::Held);
        assert_eq!(store.next_work_due("sweep").await.unwrap(), None);
    }

    async fn work_asked_for_while_it_fails_is_not_given_up(store) {
        let now = store.ambient.now();
        enqueue(&store, "all", now).await;
        let work = claim_one(&store).await;
        enqueue(&store, "all", now).await;
        assert_eq!(store.fail_work(&work, "no such model").await.unwrap(), Lease::Held);
        assert!(store.failed_work("sweep").await.unwrap().is_empty());
        assert_eq!(claim_one(&store).await.attempts, 1);
    }

    async fn recurring_work_is_enqueued_once_and_repeats(store) {
        let now = store.ambient.now();
        for expected in [true, false] {
            let mut transaction = write(&store).await;
            let work = NewWork::new(store.ambient.id(), "sweep", "all", now);
            assert_eq!(transaction.enqueue_if_absent(&work).await.unwrap(), expected);
            transaction.commit().await.unwrap();
        }
        let work = claim_one(&store).await;
        assert_eq!(store.repeat_work(&work, now + LEASE).await.unwrap(), Lease::Held);
        assert_eq!(store.next_work_due("sweep").await.unwrap(), Some(now + LEASE));
        store.clock.advance(LEASE);
        assert_eq!(claim_one(&store).await.attempts, 1);
    }

    async fn enqueued_work_wakes_its_workers_at_commit(store) {
        let mut waiting = store.wakes("sweep");
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        transaction.enqueue(&NewWork::new(store.ambient.id(), "sweep", "all", store.ambient.now())).await.unwrap();
        assert!(!waiting.has_changed().unwrap());
        transaction.commit().await.unwrap();
        assert!(waiting.has_changed().unwrap());
        waiting.mark_unchanged();
    }
}
