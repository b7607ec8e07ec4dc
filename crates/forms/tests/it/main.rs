//! The rules of the forms, held against rows computed by OpenCRVS 2.0 on a real country's
//! configuration. The rows live beside the checkout; without them these tests say so and pass.

mod hostile;
mod shared;
mod vectors;
