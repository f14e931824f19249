//! Photos of proposals: what is taken, what is left of it, who sees it, and that it goes when it should.

use std::{
    collections::BTreeSet,
    io::Cursor,
    path::{Path, PathBuf},
};

use api::{
    http::guard::{DATA_POLICY, FILE_POLICY},
    jobs::{forget, run_once},
    store::{attachment, ledger},
};
use domain::attachment::{LONGEST_SIDE, MOST_BYTES, digest};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::{
    on_both_engines,
    support::{app::SECRET_KEY, database::Database, sample::photo, *},
};

const PHOTOS: &str = "/consultations/2024-2026/attachments";

/// What must not be in a file that is served.
const SECRETS: [&str; 8] = ["GPSLatitude", "35.1688", "<script>", "PK\x03\x04", "<?xpacket", "Canon", "%PDF", "Exif"];

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A segment of a JPEG, put right after its start.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, content, &jpeg[2..]].concat()
}

/// EXIF as a telephone writes it: which way is up, and where it was.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(b"Canon GPSLatitude 35.1688 N GPSLongitude 5.2636 W");
    tiff
}

/// A chunk of a PNG.
fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [name, content].concat();
    // ISO/IEC 15948, annex D
    let crc = !named.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    });
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], &named, &crc.to_be_bytes()].concat()
}

/// A PNG of a few bytes that says it is `side` pixels wide and high, of one byte each.
fn bomb(side: u32) -> Vec<u8> {
    let head = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    png.extend(chunk(b"IHDR", &head));
    png.extend(chunk(b"IDAT", &[0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]));
    png.extend(chunk(b"IEND", b""));
    png
}

async fn send(app: &App, content_type: &str, bytes: Vec<u8>) -> Answer {
    app.public().post(PHOTOS).body(content_type, bytes).await
}

/// The files in the folder of photos.
fn files(app: &App) -> BTreeSet<PathBuf> {
    std::fs::read_dir(app.photos()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// A submitted proposal with these photos.
async fn with_photos(app: &App, photos: &[Vec<u8>]) -> Receipt {
    let mut tokens = Vec::new();
    for bytes in photos {
        tokens.push(app.send_photo(bytes.clone()).await);
    }
    app.submit(json!({"attachments": tokens})).await
}

async fn own(app: &App, receipt: &Receipt, number: i64) -> Answer {
    app.public().post("/receipts/attachment").json(json!({"code": receipt.code, "number": number})).await
}

async fn withhold(app: &App, reference: &str) {
    let reason = json!({"edge": "request_withhold", "reason": "threat"});
    app.signed_in(As::Moderator).await.decide(reference, reason).await.ok();
    app.signed_in(As::SecondModerator).await.decide(reference, json!({"edge": "withhold"})).await.ok();
}

on_both_engines! {
    async fn the_content_says_what_a_file_is(app: App) {
        let picture = DynamicImage::from(RgbImage::from_pixel(30, 20, Rgb([200, 30, 30])));
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            for called in ["image/jpeg", "image/png", "IMAGE/WEBP"] {
                let sent = send(&app, called, encoded(&picture, format)).await.created();
                assert_eq!((&sent["width"], &sent["height"]), (&json!(30), &json!(20)), "{format:?} as {called}");
            }
        }
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
        let gif = b"GIF89a\x01\0\x01\0\0\0\0/*<script>alert(1)</script>*/;";
        let behind = [b"<html><script>alert(1)</script>".to_vec(), photo(4, 4)].concat();
        for other in [&svg[..], gif, b"<!doctype html><script>alert(1)</script>", b"PK\x03\x04\x14\0", b"%PDF-1.7", b"BM6", b"a text", b"", &behind] {
            send(&app, "image/jpeg", other.to_vec()).await.refused(415, "unsupported_media_type");
        }
        for called in ["text/html", "image/svg+xml", "application/octet-stream", "application/json", "multipart/form-data"] {
            send(&app, called, photo(4, 4)).await.refused(415, "unsupported_media_type");
        }
        // begun like one, and none
        let whole = photo(64, 64);
        for broken in [&whole[..whole.len() / 4], b"\xFF\xD8\xFF", b"\xFF\xD8\xFF\xE0<script>alert(1)</script>", b"\x89PNG\r\n\x1A\n", b"RIFF\x24\0\0\0WEBPVP8 "] {
            send(&app, "image/jpeg", broken.to_vec()).await.refused(422, "unreadable_picture");
        }
        assert_eq!(app.count("SELECT count(*) FROM attachment").await, 9);
        assert_eq!(app.count("SELECT count(*) FROM file_removal").await, 0, "what was refused left nothing to remove");
    }

    async fn nothing_but_pixels_is_kept(app: App) {
        let plain = photo(60, 40);
        let mut telling = with_segment(&plain, 0xFE, b"Canon <script>alert(1)</script>");
        telling = with_segment(&telling, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<?xpacket GPSLatitude 35.1688?>");
        telling = with_segment(&telling, 0xE1, &exif(6));
        telling.extend(b"PK\x03\x04 an archive <script>alert(1)</script> %PDF-1.7");
        let mut png = encoded(&DynamicImage::from(RgbImage::new(30, 20)), ImageFormat::Png);
        png.splice(33..33, chunk(b"tEXt", b"Comment\0GPSLatitude 35.1688 <script>"));
        png.extend(b"PK\x03\x04 an archive");
        let mut webp = encoded(&DynamicImage::from(RgbImage::new(50, 10)), ImageFormat::WebP);
        webp.extend(b"<script>alert(1)</script>");
        for sent in [&telling, &png, &webp] {
            assert!(SECRETS.iter().any(|secret| String::from_utf8_lossy(sent).contains(secret)), "there is something to lose");
        }
        let receipt = with_photos(&app, &[telling, png, webp]).await;
        let shown = app.public().look_up(&receipt.code).await.ok();
        let listed = shown["proposal"]["attachments"].as_array().unwrap().clone();
        // 6 means that the camera was turned by a quarter
        let sizes: Vec<_> = listed.iter().map(|one| (one["number"].as_i64().unwrap(), one["width"].as_i64().unwrap(), one["height"].as_i64().unwrap())).collect();
        assert_eq!(sizes, [(1, 40, 60), (2, 30, 20), (3, 50, 10)]);
        for (number, told) in (1_i64..).zip(&listed) {
            let bytes = own(&app, &receipt, number).await.bytes;
            assert_eq!(told["size"], bytes.len());
            assert!(bytes.starts_with(b"\xFF\xD8\xFF") && bytes.ends_with(b"\xFF\xD9"), "a JPEG to the last byte");
            let text = String::from_utf8_lossy(&bytes);
            for secret in SECRETS {
                assert!(!text.contains(secret), "photo {number} holds {secret}");
            }
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!((i64::from(picture.width()), i64::from(picture.height())), (sizes[usize::try_from(number).unwrap() - 1].1, sizes[usize::try_from(number).unwrap() - 1].2));
        }
    }

    async fn a_turned_photo_stands_upright_and_what_is_clear_is_white(app: App) {
        // red above blue, as the sensor saw it
        let seen = RgbImage::from_fn(32, 64, |_, y| if y < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        let turned = with_segment(&encoded(&seen.into(), ImageFormat::Jpeg), 0xE1, &exif(6));
        let clear = encoded(&RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0])).into(), ImageFormat::Png);
        let receipt = with_photos(&app, &[turned, clear]).await;
        let picture = image::load_from_memory(&own(&app, &receipt, 1).await.bytes).unwrap().into_rgb8();
        let (left, right) = (picture.get_pixel(8, 16).0, picture.get_pixel(56, 16).0);
        assert!(left[2] > 200 && left[0] < 60 && right[0] > 200 && right[2] < 60, "turned to the right: {left:?} {right:?}");
        let picture = image::load_from_memory(&own(&app, &receipt, 2).await.bytes).unwrap().into_rgb8();
        assert!(picture.get_pixel(4, 4).0.iter().all(|colour| *colour > 250));
    }

    async fn what_is_too_much_is_refused(app: App) {
        let mut large = photo(16, 16);
        large.resize(MOST_BYTES, 0);
        send(&app, "image/jpeg", large.clone()).await.created();
        large.push(0);
        let refused = send(&app, "image/jpeg", large.clone()).await.refused(413, "payload_too_large");
        assert_eq!(refused["detail"], "at most 5242880 bytes");

        // the head alone decides: there are no pixels in these, so whatever tried to read them would say that instead
        for side in [6_325, 10_000, 65_535, 2_147_483_647] {
            send(&app, "image/png", bomb(side)).await.refused(422, "too_many_pixels");
        }
        send(&app, "image/png", bomb(64)).await.refused(422, "unreadable_picture");

        let mut tokens = Vec::new();
        for _ in 0..4 {
            tokens.push(app.send_photo(photo(4, 4)).await);
        }
        let submit = async |tokens: &[String]| {
            let body = proposal(json!({"attachments": tokens}));
            app.public().post("/consultations/2024-2026/proposals").json(body).await
        };
        submit(&tokens).await.invalid(&[("attachments", "too_long")]);
        submit(&[tokens[0].clone(), tokens[1].clone(), tokens[0].clone()]).await.invalid(&[("attachments[2]", "duplicate")]);
        submit(&tokens[..3]).await.created();

        let wide = send(&app, "image/jpeg", photo(LONGEST_SIDE * 2, 512)).await.created();
        assert_eq!((&wide["width"], &wide["height"]), (&json!(LONGEST_SIDE), &json!(256)));

        app.execute("UPDATE consultation SET closes_at = '2026-11-01T00:00:00+00:00', version = version + 1").await;
        send(&app, "image/jpeg", photo(4, 4)).await.refused(409, "consultation_not_open");
        app.public().post("/consultations/2000-2001/attachments").body("image/jpeg", photo(4, 4)).await.refused(404, "not_found");
    }

    async fn a_token_is_good_once_here_and_for_a_day(app: App) {
        app.consultation("other", |_| ()).await;
        let refused = async |slug: &str, token: &str| {
            let before = app.count("SELECT count(*) FROM proposal").await;
            let path = format!("/consultations/{slug}/proposals");
            let body = proposal(json!({"attachments": [token]}));
            app.public().post(&path).json(body).await.invalid(&[("attachments[0]", "unknown")]);
            assert_eq!(app.count("SELECT count(*) FROM proposal").await, before, "nothing was stored");
        };
        let token = app.send_photo(photo(8, 8)).await;
        refused("other", &token).await;
        refused(SLUG, "").await;
        refused(SLUG, &"0".repeat(64)).await;
        app.submit(json!({"attachments": [token]})).await;
        refused(SLUG, &token).await;

        // what one of them spoils costs the other nothing
        let good = app.send_photo(photo(8, 8)).await;
        let body = proposal(json!({"attachments": [good, token]}));
        app.public().post("/consultations/2024-2026/proposals").json(body).await.invalid(&[("attachments[1]", "unknown")]);
        app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
        app.submit(json!({"attachments": [good]})).await;

        let late = app.send_photo(photo(8, 8)).await;
        app.advance(TimeDelta::hours(24));
        refused(SLUG, &late).await;
        let stored = app.texts("SELECT object FROM attachment").await;
        assert!(!stored.iter().any(|name| [&token, &good, &late].contains(&name)), "a token is no name of a file");
    }

    async fn the_same_request_again_answers_the_same_receipt(app: App) {
        let token = app.send_photo(photo(8, 8)).await;
        let body = proposal(json!({"attachments": [token]}));
        let key = "0123456789abcdef0123";
        let submit = async || app.public().post("/consultations/2024-2026/proposals").header("idempotency-key", key).json(body.clone()).await.created();
        let (first, second) = (submit().await, submit().await);
        assert_eq!(first, second);
        let other = proposal(json!({"attachments": []}));
        app.public().post("/consultations/2024-2026/proposals").header("idempotency-key", key).json(other).await.refused(422, "idempotency_key_reused");
        // a refused one does not spend its key
        let key = "fedcba9876543210fedc";
        let spent = app.public().post("/consultations/2024-2026/proposals").header("idempotency-key", key).json(body.clone()).await;
        spent.invalid(&[("attachments[0]", "unknown")]);
        app.public().post("/consultations/2024-2026/proposals").header("idempotency-key", key).json(proposal(json!({}))).await.created();
    }

    async fn of_many_at_once_one_gets_the_photo(app: App) {
        let token = app.send_photo(photo(8, 8)).await;
        // one client whose requests are made before the first is sent: making one takes longer than a submission
        let public = app.public();
        let calls: Vec<_> = (0..12)
            .map(|_| public.post("/consultations/2024-2026/proposals").json(proposal(json!({"attachments": [token]}))))
            .collect();
        let attempts = calls.into_iter().map(std::future::IntoFuture::into_future);
        let statuses: Vec<_> = futures_util::future::join_all(attempts).await.into_iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 11, "{statuses:?}");
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM attachment WHERE proposal_id IS NOT NULL").await, 1);
    }

    async fn a_photo_is_seen_where_the_words_are(app: App) {
        let receipt = with_photos(&app, &[photo(30, 20), photo(20, 30)]).await;
        let (public, path) = (app.public(), format!("/proposals/{}/attachments/1", receipt.reference));
        let desk_path = format!("/desk{path}");
        let desk = app.signed_in(As::Moderator).await;
        public.get(&path).await.refused(404, "not_found");
        public.get(&desk_path).await.refused(401, "unauthenticated");
        app.signed_in(As::Analyst).await.get(&desk_path).await.refused(403, "forbidden");
        let elsewhere = app.send_photo(photo(4, 4)).await;
        let elsewhere = app.submit(json!({"attachments": [elsewhere], "territory": "MA-TNG"})).await.reference;
        app.signed_in(As::ScopedModerator).await.get(&format!("/desk/proposals/{elsewhere}/attachments/1")).await.refused(403, "forbidden");
        assert_eq!(desk.desk(&receipt.reference).await["proposal"]["attachments"][1]["height"], 30);
        let at_desk = desk.get(&desk_path).await;
        let of_own = own(&app, &receipt, 1).await;
        assert_eq!((at_desk.status, of_own.status), (200, 200));
        for private in [&at_desk, &of_own] {
            assert_eq!(private.header("cache-control"), Some("no-store"));
            assert_eq!(private.header("etag"), None);
        }
        own(&app, &receipt, 3).await.refused(404, "not_found");
        app.public().post("/receipts/attachment").json(json!({"code": "AAAAA-AAAAA-AAAAA-AAAAA", "number": 1})).await.refused(404, "receipt_unknown");

        desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        let shown = public.get(&path).await;
        assert_eq!(shown.status, 200);
        assert!(shown.bytes == at_desk.bytes && shown.bytes == of_own.bytes);
        let tag = format!("\"{}\"", domain::ledger::hex(&digest(&shown.bytes)));
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", FILE_POLICY),
            ("cross-origin-resource-policy", "same-origin"),
            ("content-disposition", &format!("inline; filename=\"{}-1.jpg\"", receipt.reference)),
            ("cache-control", "no-cache"),
            ("etag", &tag),
        ] {
            assert_eq!(shown.header(name), Some(value), "{name}");
        }
        assert!(FILE_POLICY.starts_with(DATA_POLICY) && FILE_POLICY.ends_with("sandbox"));
        assert_eq!(shown.header("content-encoding"), None);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let again = http.get(format!("http://{}/api/v1{path}", app.address())).header("if-none-match", &tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        for other in ["0", "3", "-1", "x", "01x", "99999999999999999999", "%00"] {
            public.get(&format!("/proposals/{}/attachments/{other}", receipt.reference)).await.refused(404, "not_found");
        }

        withhold(&app, &receipt.reference).await;
        public.get(&path).await.refused(404, "not_found");
        let again = http.get(format!("http://{}/api/v1{path}", app.address())).header("if-none-match", &tag).send().await.unwrap();
        assert_eq!(again.status(), 404, "not even to whoever has it already");
        assert_eq!(own(&app, &receipt, 1).await.status, 200);
    }

    async fn what_is_withdrawn_is_not_shown(app: App) {
        let receipt = with_photos(&app, &[photo(30, 20)]).await;
        app.public().post("/receipts/withdraw").json(json!({"code": receipt.code})).await.ok();
        app.public().get(&format!("/proposals/{}/attachments/1", receipt.reference)).await.refused(404, "not_found");
        assert_eq!(own(&app, &receipt, 1).await.status, 200, "its author still has it, until it is erased");
    }

    async fn every_look_of_the_committee_is_written_down(app: App) {
        let receipt = with_photos(&app, &[photo(30, 20)]).await;
        let path = format!("/desk/proposals/{}/attachments/1", receipt.reference);
        app.signed_in(As::Moderator).await.get(&path).await;
        let log = app.texts("SELECT action FROM audit WHERE action LIKE 'open%'").await;
        assert_eq!(log, ["open_attachment"]);
    }

    async fn what_is_erased_leaves_the_folder(app: App) {
        let before = files(&app);
        let kept = with_photos(&app, &[photo(12, 12)]).await;
        let with_the_kept = files(&app);
        let receipt = with_photos(&app, &[photo(30, 20), photo(20, 30)]).await;
        app.signed_in(As::Moderator).await.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        assert_eq!(files(&app).len(), before.len() + 3);
        let own_data = app.public().post("/receipts/export").json(json!({"code": receipt.code})).await.ok();
        assert_eq!(own_data["attachments"].as_array().unwrap().len(), 2);

        let erasure = json!({"code": receipt.code, "understood": true});
        let after = app.public().post("/receipts/erase").json(erasure).await.ok();
        assert_eq!(after["proposal"]["attachments"], json!([]));
        own(&app, &receipt, 1).await.refused(404, "not_found");
        app.public().get(&format!("/proposals/{}/attachments/1", receipt.reference)).await.refused(404, "not_found");
        run_once(app.state()).await.unwrap();
        assert_eq!(files(&app), with_the_kept, "theirs are gone, the other's is not");
        assert_eq!(app.count("SELECT count(*) FROM file_removal").await, 0);
        assert_eq!(own(&app, &kept, 1).await.status, 200);
        assert_eq!(ledger::reconcile(app.store().read()).await.unwrap().1, []);
    }

    async fn a_file_that_cannot_be_removed_is_tried_again(app: App) {
        let before = files(&app);
        let receipt = with_photos(&app, &[photo(30, 20)]).await;
        let file = files(&app).difference(&before).next().unwrap().clone();
        // a folder of that name cannot be removed as a file is
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir_all(file.join("in-the-way")).unwrap();
        app.public().post("/receipts/erase").json(json!({"code": receipt.code, "understood": true})).await.ok();
        run_once(app.state()).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM file_removal").await, 1, "it is not forgotten");
        std::fs::remove_dir_all(&file).unwrap();
        run_once(app.state()).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM file_removal").await, 0);
    }

    async fn what_no_proposal_names_is_forgotten(app: App) {
        let before = files(&app);
        let kept = with_photos(&app, &[photo(9, 9)]).await;
        let with_the_kept = files(&app);
        app.send_photo(photo(30, 20)).await;
        app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
        forget(app.state()).await.unwrap();
        run_once(app.state()).await.unwrap();
        assert_eq!(files(&app).len(), before.len() + 2, "not before its day is over");
        app.advance(TimeDelta::seconds(1));
        let report = app.signed_in(As::Administrator).await.get(&format!("/admin/consultations/{SLUG}/retention")).await.ok();
        let due = report["due"].as_array().unwrap().iter().find(|due| due["rule"] == "waiting_photos").unwrap().clone();
        assert_eq!((&due["count"], &due["days"]), (&json!(1), &json!(1)));
        forget(app.state()).await.unwrap();
        run_once(app.state()).await.unwrap();
        assert_eq!(files(&app), with_the_kept);
        assert_eq!(own(&app, &kept, 1).await.status, 200);
    }

    /// A process that died between the file and its row.
    async fn what_was_not_finished_is_removed(app: App) {
        let before = files(&app);
        let name = api::store::files::fresh_name().unwrap();
        let tx = app.store().write().await.unwrap();
        attachment::announce(&tx, &name, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        app.state().files.write(&name, b"whole".to_vec()).await.unwrap();
        std::fs::write(app.photos().join(format!("{name}#1")), b"half").unwrap();
        run_once(app.state()).await.unwrap();
        assert_eq!(files(&app).len(), before.len() + 2, "it may still be on its way");
        app.advance(TimeDelta::hours(1));
        run_once(app.state()).await.unwrap();
        assert_eq!(files(&app), before);
    }

    async fn withheld_texts_take_their_photos_along_when_their_time_is_over(app: App) {
        let before = files(&app);
        let receipt = with_photos(&app, &[photo(30, 20)]).await;
        withhold(&app, &receipt.reference).await;
        app.advance(TimeDelta::days(366));
        forget(app.state()).await.unwrap();
        run_once(app.state()).await.unwrap();
        assert_eq!(files(&app), before);
        assert_eq!(app.count("SELECT count(*) FROM attachment").await, 0);
    }

    async fn a_backup_holds_the_photos(app: App) {
        let receipt = with_photos(&app, &[photo(30, 20)]).await;
        let bytes = own(&app, &receipt, 1).await.bytes;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.backup").display().to_string();
        tachawor(app.database_url(), &app.photos(), &["backup", &file]).await;
        let (database, photos) = (Database::nothing(app.engine()).await, folder.path().join("restored"));
        let said = tachawor(&database.url, &photos, &["restore", &file]).await;
        assert!(said.contains("1 photos") || app.engine() == Engine::Postgres, "{said}");
        let other = App::build(database, &[("TACHAWOR_ATTACHMENTS", &format!("file:{}", photos.display()))]).await;
        assert!(own(&other, &receipt, 1).await.bytes == bytes);
        other.stop().await;
    }

    async fn the_ledger_commits_to_the_photos(app: App) {
        let token = app.send_photo(photo(30, 20)).await;
        let path = format!("/consultations/{SLUG}/proposals");
        let receipt = app.public().post(&path).json(proposal(json!({"attachments": [token]}))).await.created();
        let code = receipt["code"].as_str().unwrap().to_owned();
        let own = own(&app, &Receipt { reference: String::new(), code: code.clone() }, 1).await;
        let content: Value = serde_json::from_str(receipt["ledger"]["content"].as_str().unwrap()).unwrap();
        assert_eq!(content["attachments"], json!([domain::ledger::hex(&digest(&own.bytes))]));
        assert_eq!(app.public().look_up(&code).await.ok()["ledger"]["content"], receipt["ledger"]["content"]);
        let without = app.public().post(&path).json(proposal(json!({}))).await.created();
        let content: Value = serde_json::from_str(without["ledger"]["content"].as_str().unwrap()).unwrap();
        assert_eq!(content.get("attachments"), None, "as entries were before there were photos");
        assert_eq!(ledger::reconcile(app.store().read()).await.unwrap().1, []);
        let other = if app.engine() == Engine::Postgres { "decode('00', 'hex')" } else { "x'00'" };
        app.execute(&format!("UPDATE attachment SET sha256 = {other}")).await;
        let wrong = ledger::reconcile(app.store().read()).await.unwrap().1;
        assert_eq!(wrong.iter().map(|one| one.what).collect::<Vec<_>>(), ["the words are not those that were sent"]);
    }
}

/// Runs the program, which must go well; answers what it said.
async fn tachawor(url: &str, photos: &Path, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tachawor"));
    command.args(arguments).env("TACHAWOR_DATABASE_URL", url).env("TACHAWOR_SECRET_KEY", SECRET_KEY);
    command.env("TACHAWOR_ATTACHMENTS", format!("file:{}", photos.display()));
    let output = actix_web::web::block(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// Nobody else on the machine reads what people have sent.
#[cfg(unix)]
#[actix_web::test]
async fn the_folder_is_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let app = App::start(Engine::Sqlite).await;
    app.send_photo(photo(4, 4)).await;
    let mode = std::fs::metadata(app.photos()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700, "{mode:o}");
    app.stop().await;
}
