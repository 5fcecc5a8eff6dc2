//! The few things that only a browser can do. On the server each of them does nothing.

#[cfg(feature = "hydrate")]
pub use in_browser::*;
#[cfg(not(feature = "hydrate"))]
pub use on_server::*;

#[cfg(feature = "hydrate")]
mod in_browser {
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use turnwise_model::Micros;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

    use crate::state::keys::Press;

    fn root() -> Option<HtmlElement> {
        document().document_element()?.dyn_into().ok()
    }

    /// A data attribute of `<html>`.
    #[must_use]
    pub fn document_data(name: &str) -> Option<String> {
        root()?.dataset().get(name)
    }

    /// Sets a data attribute of `<html>`.
    pub fn set_document_data(name: &str, value: &str) {
        if let Some(root) = root() {
            // It fails only for names with a hyphen before a small letter, of which there are none here.
            let _ = root.dataset().set(name, value);
        }
    }

    /// Takes a data attribute off `<html>`.
    pub fn remove_document_data(name: &str) {
        if let Some(root) = root() {
            root.dataset().delete(name);
        }
    }

    /// The browser's clock.
    #[must_use]
    pub fn now() -> Micros {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit for 290 000 years")]
        let millis = js_sys::Date::now() as i64;
        Micros(millis.saturating_mul(1_000))
    }

    /// An instant in the viewer's zone and manner, to the second.
    #[must_use]
    pub fn local_time(at: Micros) -> Option<String> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double exactly")]
        let millis = (at.0 / 1_000) as f64;
        let date = js_sys::Date::new(&millis.into());
        date.to_locale_string("default", &js_sys::Object::new()).as_string()
    }

    /// Whether the keyboard has a ⌘ key.
    #[must_use]
    pub fn is_mac() -> bool {
        window().navigator().user_agent().is_ok_and(|agent| agent.contains("Mac OS"))
    }

    /// Puts text on the clipboard; `done` is told whether the browser allowed it.
    pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
        let navigator = window().navigator();
        // Outside HTTPS and localhost browsers offer no clipboard at all.
        if js_sys::Reflect::get(&navigator, &"clipboard".into()).map_or(true, |clipboard| clipboard.is_undefined()) {
            return done(false);
        }
        let writing = navigator.clipboard().write_text(text);
        spawn_local(async move { done(JsFuture::from(writing).await.is_ok()) });
    }

    fn by_id<T: JsCast>(id: &str) -> Option<T> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    /// What a form would send, as a query string.
    #[must_use]
    pub fn form_query(id: &str) -> Option<String> {
        let form = by_id::<web_sys::HtmlFormElement>(id)?;
        let data = web_sys::FormData::new_with_form(&form).ok()?;
        let query = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
        query.to_string().as_string()
    }

    /// Moves the focus to an element.
    pub fn focus(id: &str) {
        if let Some(element) = by_id::<HtmlElement>(id) {
            let _ = element.focus();
        }
    }

    /// Selects the text of an input, so that it can be copied by hand.
    pub fn select(id: &str) {
        if let Some(input) = by_id::<HtmlInputElement>(id) {
            let _ = input.focus();
            input.select();
        }
    }

    /// Puts text where the cursor is in a text of several lines.
    pub fn insert(id: &str, text: &str) {
        if let Some(area) = by_id::<HtmlTextAreaElement>(id) {
            let _ = area.focus();
            let at = area.selection_start().ok().flatten().unwrap_or_default();
            let end = area.selection_end().ok().flatten().unwrap_or(at);
            let _ = area.set_range_text_with_start_and_end(text, at, end);
            let after = at + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
            let _ = area.set_selection_range(after, after);
        }
    }

    /// Scrolls as little as needed to bring an element into view.
    pub fn bring_into_view(id: &str) {
        if let Some(element) = by_id::<Element>(id) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// The id of the element, among those that `selector` finds, that has the focus, or else is the first one in view.
    #[must_use]
    pub fn anchor_in_view(selector: &str) -> Option<String> {
        let root = root()?;
        let (top, bottom) = (100.0, f64::from(root.client_height()));
        let seen = |element: &Element| {
            let place = element.get_bounding_client_rect();
            place.bottom() > top && place.top() < bottom
        };
        let focused = document().active_element().and_then(|element| element.closest(selector).ok().flatten());
        if let Some(element) = focused.filter(seen) {
            return Some(element.id());
        }
        // At the very beginning nothing was gone to yet.
        if window().scroll_y().is_ok_and(|y| y < 1.0) {
            return None;
        }
        let all = document().query_selector_all(selector).ok()?;
        (0..all.length())
            .filter_map(|index| all.get(index)?.dyn_into::<Element>().ok())
            .find(seen)
            .map(|element| element.id())
    }

    /// How far what is scrolled has been scrolled down, in pixels.
    #[must_use]
    pub fn scroll_top(event: &web_sys::Event) -> i32 {
        event.target().and_then(|target| target.dyn_into::<Element>().ok()).map_or(0, |element| element.scroll_top())
    }

    /// Goes to an element of this page as a click on a link to it would: what it is folded into opens, it comes into
    /// view, has the focus, and the address names it.
    pub fn go_to_anchor(id: &str) {
        let Some(element) = by_id::<HtmlElement>(id) else { return };
        while let Ok(Some(folded)) = element.closest("details:not([open])") {
            let _ = folded.set_attribute("open", "");
        }
        element.scroll_into_view();
        let _ = element.focus();
        if let Ok(history) = window().history() {
            let state = history.state().unwrap_or(wasm_bindgen::JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(&format!("#{id}")));
        }
    }

    /// The element that the address names after `#` was not open to be gone to when the page came: goes there now.
    pub fn go_to_named_anchor() {
        if let Some(id) = window().location().hash().ok().as_deref().and_then(|hash| hash.strip_prefix('#')) {
            go_to_anchor(id);
        }
    }

    /// Opens a `<dialog>` over the page; the browser keeps the focus in it and gives it back afterwards.
    pub fn open_dialog(id: &str) {
        if let Some(dialog) = by_id::<HtmlDialogElement>(id).filter(|dialog| !dialog.open()) {
            // Refused while it is open as a popover: it is shown then, and that is all that is wanted.
            let _ = dialog.show_modal();
        }
    }

    /// Closes a `<dialog>`, opened either way.
    pub fn close_dialog(id: &str) {
        if let Some(dialog) = by_id::<HtmlDialogElement>(id) {
            dialog.close();
            hide_popover(id);
        }
    }

    /// Hides a popover, such as the navigation on a phone.
    pub fn hide_popover(id: &str) {
        if let Some(element) =
            by_id::<HtmlElement>(id).filter(|element| element.matches(":popover-open").unwrap_or(false))
        {
            let _ = element.hide_popover();
        }
    }

    /// Closes every open `<details class="menu">`, except the one around `keep`.
    pub fn close_menus(keep: Option<web_sys::Node>) {
        let Ok(open) = document().query_selector_all("details.menu[open]") else { return };
        for index in 0..open.length() {
            let Some(menu) = open.get(index).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
            if !keep.as_ref().is_some_and(|node| menu.contains(Some(node))) {
                let _ = menu.remove_attribute("open");
            }
        }
    }

    /// Whether a menu is open; closes it and gives the focus back to its button.
    pub fn close_menu_at_focus() -> bool {
        let Ok(Some(menu)) = document().query_selector("details.menu[open]") else { return false };
        let _ = menu.remove_attribute("open");
        if let Some(summary) =
            menu.query_selector("summary").ok().flatten().and_then(|e| e.dyn_into::<HtmlElement>().ok())
        {
            let _ = summary.focus();
        }
        true
    }

    /// What a keyboard event means to the keymap.
    #[must_use]
    pub fn press(event: &KeyboardEvent) -> Press {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let in_dialog = document().query_selector("dialog:modal, dialog:popover-open").ok().flatten().is_some();
        Press {
            key: event.key(),
            command: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
            typing: target.is_some_and(|element| takes_text(&element) || takes_key(&element, &event.key())),
            in_dialog,
            at: event.time_stamp(),
        }
    }

    /// Enter and Space work what they are pressed on, before they mean anything to the page.
    fn takes_key(element: &Element, key: &str) -> bool {
        (key == "Enter" || key == " ") && element.matches("a[href], button, summary, [role=option]").unwrap_or(false)
    }

    fn takes_text(element: &Element) -> bool {
        const BUTTONS: [&str; 7] = ["button", "submit", "reset", "image", "checkbox", "radio", "color"];
        match element.tag_name().as_str() {
            "TEXTAREA" | "SELECT" => true,
            "INPUT" => !element.get_attribute("type").is_some_and(|kind| BUTTONS.contains(&kind.as_str())),
            _ => element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable),
        }
    }

    /// Brings the turn in question into view, in the pane that it is in.
    pub fn bring_target_into_view() {
        if let Ok(Some(turn)) = document().query_selector(".turn--target") {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            turn.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// Whether the page is out of sight.
    #[must_use]
    pub fn is_hidden() -> bool {
        document().hidden()
    }

    fn storage() -> Option<web_sys::Storage> {
        window().local_storage().ok().flatten()
    }

    /// Keeps a text in this browser. A browser that allows none simply forgets.
    pub fn remember(name: &str, text: &str) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(name, text);
        }
    }

    /// A text that was kept.
    #[must_use]
    pub fn recall(name: &str) -> Option<String> {
        storage()?.get_item(name).ok().flatten()
    }

    /// Forgets it.
    pub fn forget(name: &str) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(name);
        }
    }

    /// Loads the page anew from the server.
    pub fn reload() {
        let _ = window().location().reload();
    }
}

#[cfg(not(feature = "hydrate"))]
mod on_server {
    use turnwise_model::Micros;

    /// In the browser: a data attribute of `<html>`.
    #[must_use]
    pub fn document_data(_name: &str) -> Option<String> {
        None
    }

    /// In the browser: sets a data attribute of `<html>`.
    pub fn set_document_data(_name: &str, _value: &str) {}

    /// In the browser: takes a data attribute off `<html>`.
    pub fn remove_document_data(_name: &str) {}

    /// In the browser: its clock.
    #[must_use]
    pub fn now() -> Micros {
        Micros::default()
    }

    /// In the browser: an instant in the viewer's zone.
    #[must_use]
    pub fn local_time(_at: Micros) -> Option<String> {
        None
    }

    /// In the browser: whether the keyboard has a ⌘ key.
    #[must_use]
    pub fn is_mac() -> bool {
        false
    }

    /// In the browser: puts text on the clipboard.
    pub fn copy(_text: &str, _done: impl FnOnce(bool) + 'static) {}

    /// In the browser: what a form would send.
    #[must_use]
    pub fn form_query(_id: &str) -> Option<String> {
        None
    }

    /// In the browser: moves the focus.
    pub fn focus(_id: &str) {}

    /// In the browser: selects the text of an input.
    pub fn select(_id: &str) {}

    /// In the browser: puts text where the cursor is.
    pub fn insert(_id: &str, _text: &str) {}

    /// In the browser: scrolls an element into view.
    pub fn bring_into_view(_id: &str) {}

    /// In the browser: which element is in view.
    #[must_use]
    pub fn anchor_in_view(_selector: &str) -> Option<String> {
        None
    }

    /// In the browser: how far something is scrolled.
    #[must_use]
    pub fn scroll_top(_event: &leptos::web_sys::Event) -> i32 {
        0
    }

    /// In the browser: goes to an element.
    pub fn go_to_anchor(_id: &str) {}

    /// In the browser: goes to the element that the address names.
    pub fn go_to_named_anchor() {}
    /// In the browser: brings the turn in question into view.
    pub fn bring_target_into_view() {}

    /// In the browser: whether the page is out of sight.
    #[must_use]
    pub fn is_hidden() -> bool {
        false
    }

    /// In the browser: keeps a text.
    pub fn remember(_name: &str, _text: &str) {}

    /// In the browser: a text that was kept.
    #[must_use]
    pub fn recall(_name: &str) -> Option<String> {
        None
    }

    /// In the browser: forgets it.
    pub fn forget(_name: &str) {}

    /// In the browser: opens a dialog.
    pub fn open_dialog(_id: &str) {}

    /// In the browser: closes a dialog.
    pub fn close_dialog(_id: &str) {}

    /// In the browser: hides a popover.
    pub fn hide_popover(_id: &str) {}

    /// In the browser: closes open menus.
    pub fn close_menus(_keep: Option<leptos::web_sys::Node>) {}

    /// In the browser: closes the open menu.
    #[must_use]
    pub fn close_menu_at_focus() -> bool {
        false
    }

    /// In the browser: what a keyboard event means to the keymap.
    #[must_use]
    pub fn press(_event: &leptos::web_sys::KeyboardEvent) -> crate::state::keys::Press {
        crate::state::keys::Press {
            key: String::new(),
            command: false,
            alt: false,
            typing: true,
            in_dialog: false,
            at: 0.0,
        }
    }

    /// In the browser: loads the page anew.
    pub fn reload() {}
}
