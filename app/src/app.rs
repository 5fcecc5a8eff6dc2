//! The whole interface: what every page shares, and which address shows which page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::components::{NotFound, ToastRegion, provide_icons};
use crate::layout::{ProjectFrame, Standalone};
use crate::pages::{
    Home, InvitationPage, Page, ProjectHome, ProjectsPage, SettingsHome, SetupPage, SignInPage, Transit,
};
use crate::state::flash::Taken;
use crate::state::keymap::{Keymap, listen};
use crate::state::lasting;
use crate::state::now::Now;
use crate::state::preferences::CurrentPreferences;
use crate::state::title::Titles;
use crate::state::toasts::Toasts;

/// Pages are rendered whole before they are sent: so they are complete without JavaScript, and their status is right.
const WHOLE: SsrMode = SsrMode::Async;

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_icons();
    Now::provide();
    lasting::provide();
    Transit::provide();
    let titles = Titles::provide();
    let preferences = CurrentPreferences::provide();
    let keymap = Keymap::provide();
    let left_behind = Taken::provide();
    Toasts::provide(left_behind.notice());
    listen(keymap, preferences);

    view! {
        <Title text=titles.of_the_document() />
        <Router>
            <Routes fallback=|| view! { <Standalone><NotFound /></Standalone> }>
                <Route path=path!("/") view=Home ssr=WHOLE />
                <Route path=path!("/setup") view=SetupPage ssr=WHOLE />
                <Route path=path!("/sign-in") view=SignInPage ssr=WHOLE />
                <Route path=path!("/invite/:token") view=InvitationPage ssr=WHOLE />
                <Route path=path!("/projects") view=ProjectsPage ssr=WHOLE />
                <Route path=path!("/p/:project/queues/:queue/review") view=Page::Review ssr=WHOLE />
                <ParentRoute path=path!("/p/:project") view=ProjectFrame ssr=WHOLE>
                    <Route path=path!("") view=ProjectHome ssr=WHOLE />
                    <Route path=path!("sessions") view=Page::Sessions ssr=WHOLE />
                    <Route path=path!("sessions/:id") view=Page::Session ssr=WHOLE />
                    <Route path=path!("rules") view=Page::Rules ssr=WHOLE />
                    <Route path=path!("rules/new") view=Page::Rule ssr=WHOLE />
                    <Route path=path!("rules/:rule") view=Page::Rule ssr=WHOLE />
                    <Route path=path!("exports") view=Page::Exports ssr=WHOLE />
                    <Route path=path!("evaluators") view=Page::Evaluators ssr=WHOLE />
                    <Route path=path!("evaluators/:evaluator") view=Page::Evaluator ssr=WHOLE />
                    <Route path=path!("queues") view=Page::Queues ssr=WHOLE />
                    <Route path=path!("queues/:queue") view=Page::Queue ssr=WHOLE />
                    <Route path=path!("queues/:queue/tasks") view=Page::Queue ssr=WHOLE />
                    <Route path=path!("queues/:queue/settings") view=Page::QueueSettings ssr=WHOLE />
                    <ParentRoute path=path!("settings") view=Page::Settings ssr=WHOLE>
                        <Route path=path!("") view=SettingsHome ssr=WHOLE />
                        <Route path=path!("members") view=Page::Members ssr=WHOLE />
                        <Route path=path!("keys") view=Page::ApiKeys ssr=WHOLE />
                        <Route path=path!("providers") view=Page::Providers ssr=WHOLE />
                        <Route path=path!("project") view=Page::Project ssr=WHOLE />
                        <Route path=path!("appearance") view=Page::Appearance ssr=WHOLE />
                        <Route path=path!("account") view=Page::Account ssr=WHOLE />
                    </ParentRoute>
                    <Route path=path!("*anything") view=|| view! { <NotFound /> } ssr=WHOLE />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion />
    }
    .into_any()
}
