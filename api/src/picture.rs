//! Takes pictures apart and writes them anew. The only module that names the image library.
//!
//! What comes out holds pixels and nothing else: see `domain::attachment`.

use std::{io::Cursor, sync::Arc};

use domain::attachment::{Kind, LONGEST_SIDE, may_be_unpacked};
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::problem::{Problem, ProblemCode};

/// What one picture may take while it is unpacked, in bytes: the most pixels there may be, in four colours.
const MOST_MEMORY: u64 = domain::attachment::MOST_PIXELS * 4;
/// How many may wait for their turn; the next one is told to come back.
const QUEUE: usize = 20;
/// How many bytes of pictures that are being sent may be held at once.
const ROOM: usize = 64 * 1024 * 1024;
/// At this quality nobody sees the difference on a photo.
const QUALITY: u8 = 85;

/// Unpacks pictures within bounds of memory: one after the other, for a large one takes hundreds of megabytes for part
/// of a second. Pages of this platform make them small before they send them.
#[derive(Clone, Debug)]
pub struct Pictures {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

/// Bytes that may be held until this is dropped.
#[derive(Debug, Default)]
pub struct Room(Option<OwnedSemaphorePermit>);

/// A picture as it is kept: a JPEG of nothing but pixels.
#[derive(Debug)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(1)),
            waiting: Arc::new(Semaphore::new(QUEUE + 1)),
            room: Arc::new(Semaphore::new(ROOM)),
        }
    }
}

impl Pictures {
    /// Makes room for so many bytes more. A sender that dawdles takes up what it has sent, not what it might send.
    ///
    /// # Errors
    /// [`ProblemCode::TooBusy`] when too much is held already.
    pub fn make_room(&self, room: &mut Room, bytes: usize) -> Result<(), Problem> {
        let busy = || Problem::new(ProblemCode::TooBusy);
        let bytes = u32::try_from(bytes).map_err(|_| busy())?;
        let more = self.room.clone().try_acquire_many_owned(bytes).map_err(|_| busy())?;
        match &mut room.0 {
            Some(held) => held.merge(more),
            None => room.0 = Some(more),
        }
        Ok(())
    }

    /// Writes a picture anew, upright and not larger than it need be.
    ///
    /// # Errors
    /// What is wrong with it, or [`ProblemCode::TooBusy`] when too many wait.
    pub async fn write_anew(&self, bytes: Vec<u8>, room: Room) -> Result<Picture, Problem> {
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| Problem::new(ProblemCode::TooBusy))?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Problem::new(ProblemCode::Internal))?;
        let bounded = move || {
            // held by the work and not by the request: whoever hangs up does not free a turn that is still in use
            let _held = (place, turn, room);
            write_anew(&bytes)
        };
        // a panic of the library is a picture that it cannot read
        let outcome = tokio::task::spawn_blocking(bounded).await;
        outcome.map_err(|_| Problem::new(ProblemCode::UnreadablePicture))?.map_err(Problem::new)
    }
}

fn write_anew(bytes: &[u8]) -> Result<Picture, ProblemCode> {
    let format = match Kind::of(bytes).ok_or(ProblemCode::UnsupportedMediaType)? {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::Webp => ImageFormat::WebP,
    };
    let unreadable = |error| match error {
        ImageError::Limits(_) => ProblemCode::TooManyPixels,
        _ => ProblemCode::UnreadablePicture,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if !may_be_unpacked(width, height) || decoder.total_bytes() > MOST_MEMORY {
        return Err(ProblemCode::TooManyPixels);
    }
    decoder.set_limits(limits).map_err(unreadable)?;
    // which way is up stands beside the pixels, and goes with everything else that does
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    if width.max(height) > LONGEST_SIDE {
        picture = picture.thumbnail(LONGEST_SIDE, LONGEST_SIDE);
    }
    picture.apply_orientation(orientation);
    let picture = on_white(picture);
    let mut written = Vec::new();
    JpegEncoder::new_with_quality(&mut written, QUALITY).encode_image(&picture).map_err(unreadable)?;
    Ok(Picture { bytes: written, width: picture.width(), height: picture.height() })
}

/// JPEG knows no transparency; what was behind a picture is white on our pages.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8| {
            let mixed = (u16::from(colour) * u16::from(alpha) + 255 * (255 - u16::from(alpha))) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}
