//! `turnwise import`: files of conversations into a project, through the engine or through a server's door.

mod command;
mod files;
mod progress;
mod sink;

pub use command::run;
