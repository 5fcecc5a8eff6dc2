//! A conversation as people read it: its turns with tools, documents and errors folded, scores as marks, evidence marked.
//!
//! [`ConversationView`] is what pages use. It knows no page: where scores are withheld, it is simply given none.

mod documents;
mod folding;
mod keys;
mod minimap;
mod passages;
mod payload;
mod said;
mod tools;
mod turn;
mod view;

pub use keys::use_turn_keys;
pub use minimap::Minimap;
pub use passages::{Passage, passages_of};
pub use payload::Payload;
pub use view::ConversationView;
