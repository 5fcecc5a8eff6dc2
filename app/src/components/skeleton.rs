//! Grey shapes of the size of what is coming, so that nothing jumps when it is there.

use leptos::prelude::*;

/// What is coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A table of so many rows.
    Table(u8),
    /// A form of so many fields.
    Form(u8),
    /// Links in the rail.
    Rail,
    /// A panel.
    Panel,
}

/// The shapes, and a word for those who do not see them.
#[component]
pub fn Skeleton(
    /// What is coming.
    shape: Shape,
) -> impl IntoView {
    let (class, rows) = match shape {
        Shape::Table(rows) => ("skeleton skeleton--table", rows),
        Shape::Form(fields) => ("skeleton skeleton--form", fields),
        Shape::Rail => ("skeleton skeleton--rail", 4),
        Shape::Panel => ("skeleton skeleton--panel", 1),
    };
    view! {
        <div class=class aria-busy="true">
            <span class="visually-hidden">"Loading"</span>
            {(0..rows).map(|_| view! { <div class="skeleton__row" aria-hidden="true"></div> }).collect_view()}
        </div>
    }
    .into_any()
}
