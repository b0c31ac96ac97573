//! Closed lists of words: one macro makes an enum whose text is the same in JSON, in the store and in
//! the domain. A word outside its list is refused, never guessed.

/// The text is not in the list of words it must come from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {list}; expected one of: {expected}")]
pub struct UnknownWord {
    /// The list that was meant, such as `LotState`.
    pub list: &'static str,
    /// The words it holds, comma-separated.
    pub expected: String,
}

/// Makes an enum with `ALL`, `as_str`, `FromStr`, `Display` and serde, all over the same words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word of the list, in the order it is documented.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text of this word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::domain::words::UnknownWord {
                        list: stringify!($name),
                        expected: [$($word),+].join(", "),
                    }),
                }
            }
        }
    )+};
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    words! {
        /// Two words.
        Signal {
            /// Go.
            GoOn = "go_on",
            /// Stop.
            Stop = "stop",
        }
    }

    #[test]
    fn the_text_is_the_same_everywhere() {
        for word in Signal::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
            assert_eq!(serde_json::to_value(word).unwrap(), serde_json::json!(word.as_str()));
        }
        assert_eq!("wait".parse::<Signal>().unwrap_err().expected, "go_on, stop");
    }
}
