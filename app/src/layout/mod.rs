//! What surrounds the pages: the frame of a project, with rail, palette and help; and the plain page of those outside.

mod frame;
mod help;
mod palette;
mod rail;
mod standalone;

pub use frame::ProjectFrame;
pub use help::{Help, open as open_help};
pub use palette::Palette;
pub use rail::RAIL;
pub use standalone::Standalone;
