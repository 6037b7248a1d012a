//! The words of messages, a file a language: `messages/<language>.json`, names to sentences with `{placeholders}`.
//! A new language is a new file and a line in [`Language`].

use std::collections::HashMap;
use std::sync::LazyLock;

/// The words of one language.
pub(super) struct Catalogue(HashMap<&'static str, &'static str>);

/// A language that there is a catalogue in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    const ALL: [Self; 2] = [Self::English, Self::German];

    /// For a BCP 47 tag: its language alone counts, whatever region or script follows. English, if there is none.
    pub(super) fn of(locale: Option<&str>) -> Self {
        let primary = locale.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.tag()))
            .unwrap_or(Self::English)
    }

    /// Its tag, for `lang` in HTML.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("messages/en.json"),
            Self::German => include_str!("messages/de.json"),
        }
    }

    /// Its words, parsed at the first use.
    pub(super) fn catalogue(self) -> &'static Catalogue {
        static ALL: LazyLock<[Catalogue; 2]> =
            LazyLock::new(|| Language::ALL.map(|language| Catalogue::parse(language.source())));
        &ALL[self as usize]
    }
}

impl Catalogue {
    #[allow(clippy::expect_used, reason = "the files are part of the program, and a test parses each")]
    fn parse(source: &'static str) -> Self {
        Self(serde_json::from_str(source).expect("an object of strings without escapes"))
    }

    /// The sentence of that name, with its placeholders filled in one pass: what a value holds is no placeholder.
    pub(super) fn say(&self, name: &str, values: &[(&str, &str)]) -> String {
        // Every name in this program is in every file, as a test sees to; a missing word must not stop a message.
        let mut rest = self.0.get(name).copied().unwrap_or_default();
        let mut said = String::with_capacity(rest.len() + 32);
        while let Some((before, after)) = rest.split_once('{')
            && let Some((placeholder, after)) = after.split_once('}')
        {
            said.push_str(before);
            said.push_str(values.iter().find(|(key, _)| *key == placeholder).map_or("", |(_, value)| value));
            rest = after;
        }
        said.push_str(rest);
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn placeholders(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
    }

    #[test]
    fn every_language_has_the_same_names_with_the_same_placeholders() {
        let shape = |language: Language| {
            let words = &language.catalogue().0;
            words.iter().map(|(name, sentence)| (*name, placeholders(sentence))).collect::<BTreeMap<_, _>>()
        };
        let english = shape(Language::English);
        for language in Language::ALL {
            assert_eq!(shape(language), english, "{language:?}");
        }
    }

    #[test]
    fn every_name_in_a_file_is_there_once_and_says_something() {
        for language in Language::ALL {
            let lines = language.source().lines().filter(|line| line.starts_with("  \"")).count();
            let words = &language.catalogue().0;
            assert_eq!(words.len(), lines, "{language:?}");
            assert!(words.values().all(|sentence| !sentence.trim().is_empty() && !sentence.contains("//")));
        }
    }

    #[test]
    fn a_locale_is_read_as_far_as_its_language() {
        for locale in ["de", "DE", "de-AT", "de_CH", "de-Latn-DE-1996"] {
            assert_eq!(Language::of(Some(locale)), Language::German, "{locale}");
        }
        for locale in [None, Some(""), Some("en"), Some("en-GB"), Some("fr"), Some("deu"), Some("-de")] {
            assert_eq!(Language::of(locale), Language::English, "{locale:?}");
        }
        for (place, language) in Language::ALL.into_iter().enumerate() {
            assert_eq!(language as usize, place, "catalogues are found by their place");
            assert_eq!(Language::of(Some(language.tag())), language);
        }
    }

    #[test]
    fn a_value_is_never_taken_for_a_placeholder() {
        let catalogue = Catalogue(HashMap::from([("x", "{a} and {b}, not {c}{")]));
        assert_eq!(catalogue.say("x", &[("a", "{b}"), ("b", "{a}")]), "{b} and {a}, not {");
        assert_eq!(catalogue.say("y", &[]), "");
    }
}
