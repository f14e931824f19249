//! Where files are kept: a folder, or with the feature `s3` a bucket. The only module that names the storage library.
//!
//! No page and no path of the server leads there; a handler that has looked who asks reads a file and answers it.

use std::{
    fmt, fs,
    io::{self, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::StreamExt as _;
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, WriteMultipart, local::LocalFileSystem, path::Path as Name,
};

use crate::{config::FilePlace, random};

/// What went wrong with a file. Names are random and say nothing.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct FilesError(#[from] object_store::Error);

/// The place of files; cheap to clone.
#[derive(Clone)]
pub struct Files {
    place: Arc<dyn ObjectStore>,
    /// The folder, if it is one.
    folder: Option<PathBuf>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Files(..)")
    }
}

impl Files {
    /// Opens it, making the folder if it is absent.
    ///
    /// # Errors
    /// There is no such place.
    pub fn open(place: &FilePlace) -> anyhow::Result<Self> {
        match place {
            FilePlace::Folder(folder) => {
                make_folder(folder)?;
                // a proposal that was acknowledged must keep its photos through a power cut, as it keeps its words
                let place = Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true));
                Ok(Self { place, folder: Some(folder.clone()) })
            }
            #[cfg(feature = "s3")]
            FilePlace::Bucket(url) => bucket(url),
        }
    }

    /// Writes a new file; when this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// There is one of that name, or the place failed.
    pub async fn write(&self, name: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        let new = PutOptions { mode: PutMode::Create, ..Default::default() };
        self.place.put_opts(&Name::from(name), bytes.into(), new).await?;
        Ok(())
    }

    /// Begins a new file that arrives in pieces. It is there once it is finished; what is left of it otherwise,
    /// [`Files::remove`] removes.
    ///
    /// # Errors
    /// The place failed.
    pub async fn begin(&self, name: &str) -> Result<Pieces, FilesError> {
        Ok(Pieces(WriteMultipart::new(self.place.put_multipart(&Name::from(name)).await?)))
    }

    /// Opens a file to be read piece by piece, and not all of it at once; `None` if there is none of that name.
    ///
    /// # Errors
    /// The place failed.
    pub async fn open_file(&self, name: &str) -> Result<Option<fs::File>, FilesError> {
        if let Some(folder) = &self.folder {
            return match fs::File::open(folder.join(name)) {
                Ok(file) => Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(place_failed(error)),
            };
        }
        // a bucket's is copied into a file without a name first: a workbook is read back and forth
        let found = match self.place.get(&Name::from(name)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut copy = tempfile::tempfile().map_err(place_failed)?;
        let mut pieces = found.into_stream();
        while let Some(piece) = pieces.next().await {
            copy.write_all(&piece?).map_err(place_failed)?;
        }
        Ok(Some(copy))
    }

    /// The folder, if it is one: there is room there for a scratch file.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        self.folder.clone()
    }

    /// Reads a file; `None` if there is none of that name.
    ///
    /// # Errors
    /// The place failed.
    pub async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FilesError> {
        match self.place.get(&Name::from(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads part of a file; `None` if there is none of that name.
    ///
    /// # Errors
    /// The place failed, or the file is shorter.
    pub async fn read_part(&self, name: &str, part: Range<u64>) -> Result<Option<Vec<u8>>, FilesError> {
        match self.place.get_range(&Name::from(name), part).await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file, and what is left of it if the process died while writing it; one that is not there is removed.
    ///
    /// # Errors
    /// The place failed.
    pub async fn remove(&self, name: &str) -> Result<(), FilesError> {
        if let Some(folder) = &self.folder {
            // what the library calls a file until it is whole; that it is not there is the rule
            let _ = tokio::fs::remove_file(folder.join(format!("{name}#1"))).await;
        }
        match self.place.delete(&Name::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file on its way.
#[derive(Debug)]
pub struct Pieces(WriteMultipart);

impl Pieces {
    /// Adds a piece; waits while the place has not taken the ones before.
    ///
    /// # Errors
    /// The place failed.
    pub async fn add(&mut self, piece: &[u8]) -> Result<(), FilesError> {
        self.0.wait_for_capacity(1).await?;
        self.0.write(piece);
        Ok(())
    }

    /// Ends the file; when this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// The place failed.
    pub async fn finish(self) -> Result<(), FilesError> {
        self.0.finish().await?;
        Ok(())
    }
}

fn place_failed(error: io::Error) -> FilesError {
    FilesError(object_store::Error::Generic { store: "files", source: Box::new(error) })
}

/// A name for a new file, which tells nothing about it and cannot be guessed.
///
/// # Errors
/// The operating system gave no random bytes.
pub fn fresh_name() -> Result<String, rand::rngs::SysError> {
    random::bytes().map(|bytes| format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Readable by its owner alone: what people sent is in it before anybody has decided that others may see it.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// `s3://bucket?region=…&endpoint=…&access_key_id=…&secret_access_key=…`: the parameters are the library's own.
#[cfg(feature = "s3")]
fn bucket(url: &secrecy::SecretString) -> anyhow::Result<Files> {
    use anyhow::Context as _;
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
    use secrecy::ExposeSecret as _;
    let url = url::Url::parse(url.expose_secret()).context("TACHAWOR_ATTACHMENTS")?;
    let mut builder = AmazonS3Builder::new().with_bucket_name(url.host_str().unwrap_or_default());
    for (key, value) in url.query_pairs() {
        let key: AmazonS3ConfigKey = key.parse().context("TACHAWOR_ATTACHMENTS: an unknown parameter")?;
        builder = builder.with_config(key, value);
    }
    Ok(Files { place: Arc::new(builder.build()?), folder: None })
}
