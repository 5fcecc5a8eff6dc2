//! Rows that no version of the program writes.

use turnwise_model::AccountId;
use turnwise_store::contract;

contract! {
    async fn an_impossible_row_is_named_by_table_column_and_id(store) {
        store.run_sql(
            "insert into accounts (id, email, name, password_hash, created_at)
             values ('0198c0de-1111-7000-8000-000000000000', 'no address', 'Ada', 'hash', 0)",
        ).await;
        let id: AccountId = "0198c0de-1111-7000-8000-000000000000".parse().unwrap();
        let error = store.account(id).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "impossible value in accounts.email of row 0198c0de-1111-7000-8000-000000000000: \
             \"no address\" is not an e-mail address, expected something like name@example.com"
        );
    }

    async fn a_number_that_cannot_be_is_named_too(store) {
        store.run_sql(
            "insert into work (id, kind, key, payload, state, due_at, fence, attempts, created_at)
             values ('0198c0de-1111-7000-8000-000000000000', 'sweep', 'all', '{}', 'failed', 0, 0, -1, 0)",
        ).await;
        let error = store.failed_work("sweep").await.unwrap_err();
        assert!(
            error.to_string().starts_with("impossible value in work.attempts of row 0198c0de-1111-7000-8000-000000000000"),
            "{error}"
        );
    }
}
