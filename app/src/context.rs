//! What the server hands to every page and server function, and how they read the request.

/// The server's side. `turnwise-server` provides a [`ssr::ServerContext`] to each request.
#[cfg(feature = "ssr")]
pub mod ssr {
    use std::collections::BTreeMap;
    use std::net::IpAddr;
    use std::sync::Arc;

    use http::header::{ACCEPT, COOKIE, HOST, HeaderName, HeaderValue, SET_COOKIE};
    use http::{Method, StatusCode, request::Parts};
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;
    use serde::Deserialize;
    use turnwise_engine::Engine;
    use turnwise_engine::access::{Access, Caller};
    use turnwise_model::AccountId;
    use turnwise_model::access::{Role, Slug};

    use crate::AppError;

    /// What a request carries besides itself.
    #[derive(Clone)]
    pub struct ServerContext {
        /// The services.
        pub engine: Engine,
        /// Who is calling, found out by the server's middleware.
        pub caller: Caller,
        /// Where the request came from, for rate limits.
        pub ip: IpAddr,
        /// The names of the files that the page loads.
        pub assets: Arc<Assets>,
        /// Signs this browser in and out.
        pub sign_ins: Arc<dyn SignIns>,
    }

    /// Signs the browser behind the present request in and out.
    #[async_trait::async_trait]
    pub trait SignIns: Send + Sync {
        /// From now on the browser acts for `account`.
        async fn start(&self, account: AccountId) -> Result<(), AppError>;
        /// The browser acts for nobody any more.
        async fn end(&self) -> Result<(), AppError>;
    }

    /// The names under `/assets/` of the files that the client build made, as its `manifest.json` has them.
    #[derive(Debug, Clone, Default, Deserialize)]
    pub struct Assets {
        /// The module that loads the client.
        pub js: String,
        /// The client.
        pub wasm: String,
        /// All styles.
        pub css: String,
        /// The module that loads the client's parts; `None` when it is whole.
        #[serde(default)]
        pub loader: Option<String>,
        /// What each part of the client ([`crate::Part`]) needs besides [`Self::wasm`], by its name.
        #[serde(default)]
        pub parts: BTreeMap<String, Vec<String>>,
        /// Everything else: from its plain name (`icons.svg`) to the one with the hash.
        #[serde(default)]
        pub files: BTreeMap<String, String>,
    }

    impl Assets {
        /// The address of the file with this plain name.
        #[must_use]
        pub fn address(&self, name: &str) -> String {
            format!("/assets/{}", self.files.get(name).map_or(name, String::as_str))
        }
    }

    /// The context of the present request.
    ///
    /// # Errors
    /// When there is none: the server forgot to provide it.
    pub fn server_context() -> Result<ServerContext, AppError> {
        use_context::<ServerContext>().ok_or_else(|| {
            tracing::error!("no ServerContext was provided to this request");
            AppError::Internal { request: request_id() }.answered()
        })
    }

    /// The account that is signed in.
    ///
    /// # Errors
    /// [`AppError::NotSignedIn`].
    pub fn signed_in() -> Result<(ServerContext, AccountId), AppError> {
        let context = server_context()?;
        match context.caller {
            Caller::Person { account } => Ok((context, account)),
            Caller::Anonymous | Caller::Program { .. } => Err(AppError::NotSignedIn.answered()),
        }
    }

    /// The proof that the caller may act in `project` in the role `needed`. Every server function about a project begins here.
    ///
    /// # Errors
    /// [`AppError::NotSignedIn`], [`AppError::NotFound`] when it does not exist or the caller is no member, [`AppError::Denied`].
    pub async fn authorise(project: &Slug, needed: Role) -> Result<Access, AppError> {
        let context = server_context()?;
        Ok(context.engine.accounts().authorise(&context.caller, project, needed).await?)
    }

    /// The services. For use after [`authorise`].
    ///
    /// # Errors
    /// When the server forgot to provide the context.
    pub fn engine() -> Result<Engine, AppError> {
        Ok(server_context()?.engine)
    }

    /// A cookie of the present request.
    #[must_use]
    pub fn cookie(name: &str) -> Option<String> {
        let parts = use_context::<Parts>()?;
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
    }

    /// Sets a cookie for the whole site. `seconds` is its age; 0 removes it.
    pub fn set_cookie(name: &str, value: &str, seconds: u32, http_only: bool) {
        let secure = if is_https() { "; Secure" } else { "" };
        let http_only = if http_only { "; HttpOnly" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{http_only}{secure}");
        if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
            response.append_header(SET_COOKIE, cookie);
        }
    }

    /// The address under which the browser sees this server: `https://turnwise.example.com`.
    #[must_use]
    pub fn origin() -> String {
        let header = |name: HeaderName| {
            use_context::<Parts>()
                .and_then(|parts| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned))
        };
        let host = header(HeaderName::from_static("x-forwarded-host")).or_else(|| header(HOST));
        let scheme = if is_https() { "https" } else { "http" };
        format!("{scheme}://{}", host.unwrap_or_else(|| "localhost".to_owned()))
    }

    fn is_https() -> bool {
        use_context::<Parts>()
            .is_some_and(|parts| parts.headers.get("x-forwarded-proto").is_some_and(|value| value == "https"))
    }

    /// Whether a browser without JavaScript posted a form: it follows redirects and cannot read an answer.
    #[must_use]
    pub fn plain_form() -> bool {
        use_context::<Parts>().is_some_and(|parts| parts.method == Method::POST && wants_html(&parts))
    }

    /// Sends a plain form on to `address`; without this it goes back to the page that it was on.
    pub fn plain_form_goes_to(address: &str) {
        if plain_form() {
            leptos_axum::redirect(address);
        }
    }

    fn wants_html(parts: &Parts) -> bool {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    }

    /// The id that the server's middleware gave to the request.
    #[must_use]
    pub fn request_id() -> String {
        use_context::<Parts>()
            .and_then(|parts| {
                parts.headers.get("x-request-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
            })
            .unwrap_or_default()
    }

    /// Gives the answer a status, unless it is going to be a redirect: a plain form goes back to its page, and a page that
    /// nobody signed in may see goes to the sign-in page.
    pub fn answer_with_status(status: u16) {
        let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else { return };
        let will_redirect = wants_html(&parts) && (parts.method == Method::POST || status == 401);
        if let (false, Ok(status)) = (will_redirect, StatusCode::from_u16(status)) {
            response.set_status(status);
        }
    }

    /// Sets a header of the answer.
    pub fn set_header(name: HeaderName, value: &str) {
        if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
            response.insert_header(name, value);
        }
    }
}
