//! [`crate::contract!`]: one test, both engines.

/// Runs each body as two tests, `<name>::on_sqlite` and `<name>::on_postgres`.
///
/// ```ignore
/// turnwise_store::contract! {
///     async fn a_database_answers(store) {
///         store.ping().await.unwrap();
///     }
/// }
/// ```
///
/// `store` is a [`TestStore`](crate::testing::TestStore): a database of its own with a clock that the test moves.
#[macro_export]
macro_rules! contract {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn holds($store: $crate::testing::TestStore) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                holds($crate::testing::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(store) = $crate::testing::postgres().await {
                    holds(store).await;
                }
            }
        }
    )+};
}
