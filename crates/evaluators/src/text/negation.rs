//! Whether a sentence forbids or warns rather than advises.

crate::phrases!(
    /// Words by which a sentence forbids, warns or denies.
    pub FORBIDS:
    r"not\b", r"n.t\b", r"never\b", r"don.?t\b", r"doesn.?t\b", r"cannot\b", r"can.?t\b", r"no\b", r"nor\b", r"without\b", r"avoid",
    r"refrain", r"forbid", r"forbidden", r"prohibit", r"danger", r"warn", r"unsafe\b", r"risk", r"toxic", r"poison", r"fatal",
    r"deadly", r"instead of\b", r"rather than\b", r"stop\b", r"stay away", r"keep (?:well )?away", r"illegal", r"against the law",
    r"nicht\b", r"nie\b", r"niemals\b", r"kein", r"gefähr", r"jamais\b", r"ne\b", r"pas\b", r"interdit", r"nunca\b", r"peligro",
    r"nigdy\b", r"nie wolno\b"
);
