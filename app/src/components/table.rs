//! Rows and columns. On a phone a row becomes a block in which each cell carries its column's name (`data-label`).

use leptos::prelude::*;

/// To which side a column leans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Words.
    #[default]
    Start,
    /// Numbers and actions.
    End,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub title: &'static str,
    /// To which side it leans.
    pub align: Align,
    /// The name is spoken but not shown, as for a column of buttons.
    pub silent: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn words(title: &'static str) -> Self {
        Self { title, align: Align::Start, silent: false }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn numbers(title: &'static str) -> Self {
        Self { title, align: Align::End, silent: false }
    }

    /// A column of buttons.
    #[must_use]
    pub const fn actions(title: &'static str) -> Self {
        Self { title, align: Align::End, silent: true }
    }
}

/// A table. The children are its rows.
#[component]
pub fn Table(
    /// What it lists, for those who hear it.
    #[prop(into)]
    caption: String,
    /// Its columns.
    columns: Vec<Column>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>
                    {columns
                        .into_iter()
                        .map(|column| {
                            view! {
                                <th scope="col" class:table__end=column.align == Align::End>
                                    <span class:visually-hidden=column.silent>{column.title}</span>
                                </th>
                            }
                        })
                        .collect_view()}
                </tr>
            </thead>
            <tbody>{children()}</tbody>
        </table>
    }
    .into_any()
}
