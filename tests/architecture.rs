//! Rules about who may name what, which a compiler cannot see.

use std::path::{Path, PathBuf};

/// Every source file below a folder of the repository.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// Checks that code (not comments) names `word` only below `places`, and below at least one of them.
fn only_in(folder: &str, word: &str, places: &[&str]) {
    let mut named = false;
    for (path, text) in sources(folder) {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (number, line) in lines.filter(|(_, line)| line.contains(word)) {
            assert!(
                places.iter().any(|place| path.starts_with(place)),
                "{folder}/{}:{}: {word} has no business here: {line}",
                path.display(),
                number + 1
            );
            named = true;
        }
    }
    assert!(named || places.is_empty(), "{word} is named nowhere: does this test still look for the right thing?");
}

#[test]
fn only_the_store_knows_the_database() {
    only_in("api/src", "sea_orm", &["store", "workflow.rs"]);
    only_in("api/src", "sqlx", &["store", "config.rs"]);
}

#[test]
fn the_store_knows_nothing_of_who_asks_and_how() {
    for above in ["http::", "auth::", "cli::", "jobs::", "application::"] {
        only_in("api/src/store", above, &[]);
    }
}

#[test]
fn only_the_mail_module_knows_how_mail_travels() {
    only_in("api/src", "lettre", &["mail", "config.rs"]);
}

#[test]
fn only_one_module_knows_how_files_are_kept_and_one_how_pictures_are_made() {
    only_in("api/src", "object_store", &["store/files.rs"]);
    only_in("api/src", "image::", &["picture.rs"]);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    only_in("api/src", "env::var", &["config.rs"]);
}

#[test]
fn only_the_clock_asks_what_time_it_is() {
    only_in("api/src", "Utc::now", &["clock.rs"]);
    for elsewhere in ["Local::now", "SystemTime::now"] {
        only_in("api/src", elsewhere, &[]);
    }
}

#[test]
fn only_the_web_layer_names_the_web_framework() {
    only_in("api/src", "actix_web::", &["http", "auth", "application.rs", "main.rs", "cli"]);
}

/// No address that somebody gave is ever asked for anything: there is no client in the program to ask with.
#[test]
fn the_program_has_no_way_to_fetch() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let program = manifest.split("[dev-dependencies]").next().unwrap();
    for client in ["reqwest", "hyper", "ureq", "awc", "curl", "isahc"] {
        assert!(!program.lines().any(|line| line.starts_with(client)), "{client}");
        only_in("api/src", &format!("{client}::"), &[]);
    }
    // mail alone leaves, to the one server of the configuration
    for way_out in ["TcpStream", "connect_tokio1"] {
        only_in("api/src", way_out, &["mail/smtp.rs"]);
    }
    only_in("api/src", "UdpSocket", &[]);
}

#[test]
fn the_domain_is_pure() {
    for world in ["actix", "sea_orm", "tokio", "std::fs", "std::env", "std::net", "Utc::now", "reqwest", "lettre"] {
        only_in("domain/src", world, &[]);
    }
}

#[test]
fn a_migration_imports_nothing_of_the_api() {
    for newer in ["api::", "domain::"] {
        only_in("migration/src", newer, &[]);
    }
}

/// The one file that puts SQL together from pieces: its pieces are constants of its own and the numbers of placeholders.
const COMPOSES: &str = "tally.rs";

#[test]
fn values_are_never_written_into_sql() {
    for (path, text) in sources("api/src/store") {
        for (at, _) in text.match_indices("format!(").filter(|_| !path.ends_with(COMPOSES)) {
            let argument: String = text[at..].chars().take(200).take_while(|c| *c != ';').collect();
            let verb = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].into_iter().find(|verb| argument.contains(verb));
            assert_eq!(verb, None, "store/{}: {argument}", path.display());
        }
    }
}
