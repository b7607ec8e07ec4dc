//! The kinds of field a form can have.

use serde::{Deserialize, Serialize};

/// What a field asks for, in the protocol's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FieldType {
    Address,
    AdministrativeArea,
    Age,
    AlphaHidden,
    AlphaPrintButton,
    Autocomplete,
    BulletList,
    Button,
    Checkbox,
    Country,
    #[serde(rename = "_EXPERIMENTAL_CUSTOM")]
    Custom,
    Data,
    Date,
    DateRange,
    Divider,
    Email,
    Facility,
    FieldGroup,
    File,
    FileWithOptions,
    Heading,
    Http,
    Id,
    IdReader,
    ImageView,
    LinkButton,
    Loader,
    Location,
    Name,
    Number,
    NumberWithUnit,
    Office,
    PageHeader,
    Paragraph,
    Phone,
    QrReader,
    QueryParamReader,
    RadioGroup,
    Search,
    Select,
    SelectDateRange,
    Signature,
    Text,
    Textarea,
    Time,
    UserRole,
    VerificationStatus,
}
