//! The words a proposal is described with: channels, languages, places, and what its author says of themselves.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::UnknownCode;

codes! {
    /// Where an input came from.
    Channel {
        /// The public form.
        Digital = "digital",
        /// A meeting in one of the territories.
        TerritorialMeeting = "territorial_meeting",
        /// A meeting on one theme.
        ThematicMeeting = "thematic_meeting",
        /// A petition under organic law 111-14.
        Petition = "petition",
        /// An opinion of one of the council's advisory bodies.
        AdvisoryOpinion = "advisory_opinion",
    }
}

codes! {
    /// The languages a text may be written in (BCP 47).
    Language {
        /// Arabic, the first language of the product.
        Ar = "ar",
        /// French.
        Fr = "fr",
    }
}

codes! {
    /// The author's age, in the bands of the census; a band, not a birth date, because no more is needed.
    AgeBand {
        /// Below 15.
        Under15 = "under_15",
        /// 15 to 24.
        From15To24 = "15_24",
        /// 25 to 34.
        From25To34 = "25_34",
        /// 35 to 49.
        From35To49 = "35_49",
        /// 50 to 64.
        From50To64 = "50_64",
        /// 65 and above.
        From65 = "65_plus",
        /// The author preferred not to say.
        NotStated = "not_stated",
    }
}

codes! {
    /// The author's gender.
    Gender {
        /// A woman.
        Female = "female",
        /// A man.
        Male = "male",
        /// The author preferred not to say.
        NotStated = "not_stated",
    }
}

codes! {
    /// In which quality the author takes part.
    ParticipantType {
        /// For oneself.
        Citizen = "citizen",
        /// For an association.
        CivilSociety = "civil_society",
        /// For research or teaching.
        Academic = "academic",
        /// For a business.
        PrivateSector = "private_sector",
        /// For a public body.
        PublicSector = "public_sector",
        /// As an elected official.
        ElectedOfficial = "elected_official",
        /// The author preferred not to say.
        NotStated = "not_stated",
    }
}

codes! {
    /// Whom a proposal serves.
    Population {
        /// Women.
        Women = "women",
        /// Young people.
        Youth = "youth",
        /// Children.
        Children = "children",
        /// Elderly people.
        Elderly = "elderly",
        /// People with disabilities.
        PeopleWithDisabilities = "people_with_disabilities",
        /// People in rural areas.
        Rural = "rural",
        /// Migrants.
        Migrants = "migrants",
        /// Everybody.
        All = "all",
    }
}

/// Declares the code of something that is data, not a constant.
macro_rules! data_code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 2 to 40 letters, digits or dashes.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code, as stored and sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;
            fn from_str(code: &str) -> Result<Self, UnknownCode> {
                let right = (2..=40).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                if right { Ok(Self(code.to_owned())) } else { Err(UnknownCode { what: stringify!($name) }) }
            }
        }

        as_string!($name);
    };
}

/// Serialises a type as its text form, refusing what does not parse.
macro_rules! as_string {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::Object::with_type(utoipa::openapi::schema::Type::String).into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

data_code! {
    /// The code of an axis: axes are data of a consultation.
    AxisCode
}
data_code! {
    /// The code of a province or prefecture (ISO 3166-2 style, `MA-CHE`): territories are data of a consultation.
    TerritoryCode
}
data_code! {
    /// The name of a consultation in URLs.
    Slug
}

/// The territory a proposal is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// One province or prefecture.
    Territory(TerritoryCode),
    /// All of them.
    WholeRegion,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Territory(code) => code.fmt(f),
            Self::WholeRegion => f.write_str("whole_region"),
        }
    }
}

impl FromStr for Place {
    type Err = UnknownCode;
    fn from_str(code: &str) -> Result<Self, UnknownCode> {
        if code == "whole_region" { Ok(Self::WholeRegion) } else { code.parse().map(Self::Territory) }
    }
}

as_string!(Place);

/// Where the author lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Residence {
    /// In one of the consultation's territories.
    Territory(TerritoryCode),
    /// Elsewhere: another region, or abroad.
    OutsideRegion,
    /// The author preferred not to say.
    NotStated,
}

impl fmt::Display for Residence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Territory(code) => code.fmt(f),
            Self::OutsideRegion => f.write_str("outside_region"),
            Self::NotStated => f.write_str("not_stated"),
        }
    }
}

impl FromStr for Residence {
    type Err = UnknownCode;
    fn from_str(code: &str) -> Result<Self, UnknownCode> {
        match code {
            "outside_region" => Ok(Self::OutsideRegion),
            "not_stated" => Ok(Self::NotStated),
            _ => code.parse().map(Self::Territory),
        }
    }
}

as_string!(Residence);

/// What an author says of themselves: copied into the proposal at submission, never read from a live
/// profile, and never shown with the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented at its type")]
pub struct Demographics {
    pub age_band: AgeBand,
    pub gender: Gender,
    pub participant_type: ParticipantType,
    pub residence: Residence,
}

impl Demographics {
    /// Every answer is "I prefer not to say".
    #[must_use]
    pub const fn not_stated() -> Self {
        Self {
            age_band: AgeBand::NotStated,
            gender: Gender::NotStated,
            participant_type: ParticipantType::NotStated,
            residence: Residence::NotStated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for band in AgeBand::ALL {
            assert_eq!(band.as_str().parse::<AgeBand>().unwrap(), *band);
        }
        assert_eq!(serde_json::to_string(&AgeBand::From15To24).unwrap(), "\"15_24\"");
        assert_eq!("whole_region".parse::<Place>().unwrap(), Place::WholeRegion);
        assert_eq!("MA-CHE".parse::<Place>().unwrap().to_string(), "MA-CHE");
        assert_eq!("outside_region".parse::<Residence>().unwrap(), Residence::OutsideRegion);
    }

    #[test]
    fn a_code_is_not_a_sentence() {
        for code in ["", "x", "MA CHE", "MA'; DROP", "\u{202e}MA", &"a".repeat(41)] {
            assert!(code.parse::<TerritoryCode>().is_err(), "{code:?}");
        }
    }
}
