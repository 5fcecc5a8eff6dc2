//! The filter language against its promises: nothing breaks the reader, what is shown is read back, and the SQL finds
//! exactly the sessions that the plain evaluator finds.

#[cfg(test)]
mod language;
#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod strategies;
