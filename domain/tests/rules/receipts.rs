//! References and receipt codes as they come back on paper and by telephone.

use chrono::DateTime;
use domain::reference::{ReceiptCode, Reference};
use proptest::prelude::*;

#[test]
fn the_year_of_a_reference_is_the_one_in_utc() {
    for (seconds, year) in [(1_798_761_599, "26"), (1_798_761_600, "27")] {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(Reference::new("TTA", at, 7).to_string(), format!("TTA-{year}-000007"));
    }
}

#[test]
fn numbers_have_one_spelling() {
    let number = |text: &str| text.parse::<Reference>().map(|reference| reference.number());
    assert_eq!(number("TTA-26-000001"), Ok(1));
    assert_eq!(number("TTA-26-999999"), Ok(999_999));
    assert_eq!(number("TTA-26-1000000"), Ok(1_000_000));
    assert!(number("TTA-26-0999999").is_err() && number(&format!("TTA-26-{}", "9".repeat(19))).is_err());
}

proptest! {
    /// A hundred bits, none lost: codes differ where the bytes do, and only there.
    #[test]
    fn a_code_keeps_its_hundred_bits(bytes: [u8; 16], bit in 0_usize..128) {
        let mut other = bytes;
        other[bit / 8] ^= 0x80 >> (bit % 8);
        prop_assert_eq!(ReceiptCode::from_bytes(bytes) == ReceiptCode::from_bytes(other), bit >= 100);
    }

    #[test]
    fn a_code_is_read_however_it_is_grouped(bytes: [u8; 16], cuts in proptest::collection::vec(0_usize..=20, 0..6)) {
        let code = ReceiptCode::from_bytes(bytes);
        let mut typed = code.canonical().to_ascii_lowercase().replace('0', "o").replace('1', "l");
        for cut in cuts {
            typed.insert(cut, if cut % 2 == 0 { ' ' } else { '-' });
        }
        prop_assert_eq!(typed.parse::<ReceiptCode>(), Ok(code));
    }
}
