//! What names and passwords must be like.

use super::AccountError;

/// The shortest password that is taken, in characters.
pub const MINIMUM_PASSWORD_LENGTH: usize = 10;
const MAXIMUM_PASSWORD_LENGTH: usize = 512;
const MAXIMUM_NAME_LENGTH: usize = 100;

/// The name without the blanks around it.
pub(super) fn name(what: &'static str, text: &str) -> Result<String, AccountError> {
    let name = text.trim();
    let length = name.chars().count();
    let printable = !name.chars().any(char::is_control);
    if (1..=MAXIMUM_NAME_LENGTH).contains(&length) && printable {
        Ok(name.to_owned())
    } else {
        Err(AccountError::Name { what, longest: MAXIMUM_NAME_LENGTH })
    }
}

/// Refuses a password that is too short to be safe or too long to be hashed. Nothing is demanded of its letters.
pub(super) fn new_password(password: &str) -> Result<(), AccountError> {
    match password.chars().count() {
        ..MINIMUM_PASSWORD_LENGTH => Err(AccountError::PasswordTooShort { shortest: MINIMUM_PASSWORD_LENGTH }),
        MINIMUM_PASSWORD_LENGTH..=MAXIMUM_PASSWORD_LENGTH => Ok(()),
        _ => Err(AccountError::PasswordTooLong { longest: MAXIMUM_PASSWORD_LENGTH }),
    }
}

/// Whether a password that somebody types could be one at all.
pub(super) fn could_be_password(password: &str) -> bool {
    password.len() <= MAXIMUM_PASSWORD_LENGTH * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_neither_empty_nor_endless() {
        assert_eq!(name("the project", "  Support bot ").unwrap(), "Support bot");
        for wrong in ["", "   ", &"x".repeat(101), "a\nb"] {
            let error = name("the project", wrong).unwrap_err();
            assert_eq!(error.to_string(), "give the project a name of 1 to 100 characters");
        }
    }

    #[test]
    fn a_password_is_measured_in_characters() {
        assert!(new_password("ααααααααα").is_err());
        assert!(new_password("αααααααααα").is_ok());
        assert!(new_password(&"x".repeat(513)).is_err());
    }
}
