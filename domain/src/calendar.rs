//! The days people mean: those of Africa/Casablanca, whose offset changes with Ramadan. Instants are UTC.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
pub use chrono_tz::Africa::Casablanca;

/// The day an instant falls on.
#[must_use]
pub fn day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Casablanca).date_naive()
}

/// The instant a clock on the wall shows. Of a time that the clock shows twice, the first; one that it leaves out is
/// taken for the time an hour later.
#[must_use]
pub fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    let earliest = |local: NaiveDateTime| Casablanca.from_local_datetime(&local).earliest();
    let found = earliest(local).or_else(|| earliest(local + TimeDelta::hours(1)));
    found.map_or_else(|| local.and_utc(), |local| local.with_timezone(&Utc))
}

/// The first instant of a day.
#[must_use]
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    instant(day.and_time(NaiveTime::MIN))
}

/// The last second of the day that lies `days` after the day of `from`: a term that people are told as a day lasts
/// until that day is over.
#[must_use]
pub fn end_of_term(from: DateTime<Utc>, days: u64) -> DateTime<Utc> {
    let next = day(from).checked_add_days(Days::new(days + 1));
    next.map_or(from, |next| start_of(next) - TimeDelta::seconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    // Morocco keeps UTC+1, and UTC during Ramadan: in 2026 from 15 February, 3:00, to 22 March, 2:00 (tzdb)
    #[test]
    fn a_day_is_casablancas() {
        assert_eq!(day(utc("2026-11-10T22:59:59Z")).to_string(), "2026-11-10");
        assert_eq!(day(utc("2026-11-10T23:00:00Z")).to_string(), "2026-11-11");
        assert_eq!(day(utc("2026-03-01T23:59:59Z")).to_string(), "2026-03-01");
    }

    #[test]
    fn a_term_lasts_until_its_last_day_is_over() {
        assert_eq!(end_of_term(utc("2026-11-10T09:00:00Z"), 14), utc("2026-11-24T22:59:59Z"));
        // late in the evening by the wall is already the next day
        assert_eq!(end_of_term(utc("2026-11-10T23:30:00Z"), 14), utc("2026-11-25T22:59:59Z"));
        // the last day is in Ramadan
        assert_eq!(end_of_term(utc("2026-02-05T09:00:00Z"), 14), utc("2026-02-19T23:59:59Z"));
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_has_an_instant_too() {
        let local = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(instant(local("2026-11-10T12:00:00")), utc("2026-11-10T11:00:00Z"));
        assert_eq!(instant(local("2026-03-22T02:30:00")), utc("2026-03-22T02:30:00Z"));
    }
}
