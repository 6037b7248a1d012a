//! Where text messages may go, and how many: who signs in can make the service send them, and some numbers earn
//! somebody money by each.

use super::destination::PhoneNumber;
use phonenumber::metadata::{DATABASE, Metadata};

/// A country that messages can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country {
    /// ISO 3166-1 alpha-2, such as `DE`.
    pub id: String,
    /// Such as `+49`.
    pub calling_code: String,
}

impl Country {
    fn of(metadata: &Metadata) -> Self {
        Self { id: metadata.id().to_owned(), calling_code: format!("+{}", metadata.country_code()) }
    }
}

/// What the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsLimits {
    /// Numbers must begin with one of these, like `+49`. Without any, every number of a country may be sent to; those of
    /// satellites and other networks without a country only by a prefix of their own.
    pub prefixes: Vec<String>,
    /// The most messages a site and day.
    pub daily_limit: u32,
}

/// What [`DATABASE`] has in the place of a country for networks without one.
const NO_COUNTRY: &str = "001";

impl SmsLimits {
    /// Prefixes as the operator writes them: `+49, +43`. `None` if one is not `+` and one to seven digits, of which the
    /// first is not 0, as no calling code begins with it.
    pub fn parse_prefixes(text: &str) -> Option<Vec<String>> {
        text.split(',')
            .map(|prefix| {
                let prefix = prefix.trim();
                let digits = prefix.strip_prefix('+')?;
                let well_formed = (1..=7).contains(&digits.len())
                    && digits.bytes().all(|b| b.is_ascii_digit())
                    && !digits.starts_with('0');
                well_formed.then(|| prefix.to_owned())
            })
            .collect()
    }

    /// Whether a message may go to the number.
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        if self.prefixes.is_empty() {
            let region = number.calling_code().and_then(|code| DATABASE.region(&code));
            region.is_some_and(|region| !region.contains(&NO_COUNTRY))
        } else {
            self.prefixes.iter().any(|prefix| number.as_str().starts_with(prefix.as_str()))
        }
    }

    /// The countries to choose from beside a number, by their ids: those that the prefixes reach by the library's
    /// examples of their numbers, and all of a calling code where none is known. What is allowed says [`Self::allow`].
    pub fn countries(&self) -> Vec<Country> {
        let all = || DATABASE.iter().filter(|place| place.id() != NO_COUNTRY);
        let mut found: Vec<Country> = Vec::new();
        if self.prefixes.is_empty() {
            found.extend(all().map(Country::of));
        }
        for prefix in &self.prefixes {
            let within = |place: &&Metadata| Country::of(place).calling_code.starts_with(prefix.as_str());
            let around = |place: &&Metadata| prefix.starts_with(&Country::of(place).calling_code);
            // Countries can share a calling code: +1242 is one of the many of +1.
            let mut narrowed: Vec<_> =
                all().filter(|place| within(place) || has_number(place, prefix)).collect();
            if narrowed.is_empty() {
                narrowed.extend(all().filter(around));
            }
            found.extend(narrowed.into_iter().map(Country::of));
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Default for SmsLimits {
    fn default() -> Self {
        Self { prefixes: Vec::new(), daily_limit: 1000 }
    }
}

/// Whether the library's examples of ordinary numbers of the country begin with `prefix`.
fn has_number(place: &Metadata, prefix: &str) -> bool {
    let kinds = [place.descriptors().mobile(), place.descriptors().fixed_line()];
    let code = Country::of(place).calling_code;
    kinds
        .into_iter()
        .flatten()
        .filter_map(|kind| kind.example())
        .any(|example| format!("{code}{example}").starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(prefixes: &[&str]) -> SmsLimits {
        SmsLimits {
            prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
            ..SmsLimits::default()
        }
    }

    fn ids(prefixes: &[&str]) -> Vec<String> {
        limits(prefixes).countries().into_iter().map(|country| country.id).collect()
    }

    #[test]
    fn an_allow_list_is_a_list_of_prefixes() {
        let number = PhoneNumber::parse("+4915112345678", None).unwrap();
        assert!(limits(&[]).allow(&number));
        assert!(limits(&["+43", "+49"]).allow(&number));
        assert!(!limits(&["+43"]).allow(&number));
    }

    #[test]
    fn satellites_are_sent_to_only_if_named() {
        for number in ["+881612345678", "+870773111632", "+88312345678901"] {
            let number = PhoneNumber::parse(number, None).unwrap();
            assert!(!limits(&[]).allow(&number), "{number:?}");
            assert!(limits(&["+87", "+88"]).allow(&number), "{number:?}");
        }
    }

    #[test]
    fn countries_are_those_that_the_prefixes_reach() {
        assert_eq!(limits(&["+43"]).countries(), [Country { id: "AT".into(), calling_code: "+43".into() }]);
        assert_eq!(ids(&["+1242"]), ["BS"]);
        assert_eq!(ids(&["+4917012", "+43"]), ["AT", "DE"]);
        assert!(ids(&["+1"]).len() > 20 && ids(&["+1"]).contains(&"US".into()));
        assert!(ids(&["+88"]).contains(&"BD".into()) && !ids(&["+88"]).contains(&NO_COUNTRY.into()));
        assert!(ids(&[]).len() > 200 && ids(&[]).iter().all(|id| id.len() == 2));
    }

    #[test]
    fn prefixes_are_a_list_of_calling_codes() {
        let parse = SmsLimits::parse_prefixes;
        assert_eq!(parse("+49, +43"), Some(vec!["+49".into(), "+43".into()]));
        assert_eq!(parse("+1264"), Some(vec!["+1264".into()]));
        for wrong in ["", "49", "+", "+0", "+49,", "+49 +43", "+49;+43", "+4a", "+12345678", "++49", "+٤٩"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
