"""The part of the job that executes nothing: intake, papers, image, sources."""

from dataclasses import dataclass

from swassess.evaluate.options import Progress
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.firmware.summary import summarise_image
from swassess.model.declared import Declaration
from swassess.model.evaluation import DocumentItem, ImageSummary, SourceSummary
from swassess.model.finding import Finding
from swassess.source.summary import summarise_sources
from swassess.submission.annex4 import judge_documents
from swassess.submission.intake import Submission


@dataclass(slots=True)
class Papers:
    """What is known without running anything."""

    declaration: Declaration
    documents: tuple[DocumentItem, ...]
    image: ImageSummary
    facts: ElfFacts
    sources: SourceSummary
    findings: tuple[Finding, ...]


def read_papers(submission: Submission, progress: Progress) -> Papers:
    """Intake, Annex 4, image and sources, in this order. Raises SwassessError where the submission is unusable."""
    declaration = submission.manifest.declaration
    missing = [entry for entry in submission.catalogue if entry.status == "missing"]
    extra = sum(entry.status == "extra" for entry in submission.catalogue)
    progress.stage(
        "Intake", f"{len(submission.catalogue)} files, {len(missing)} missing, {extra} not named in the manifest"
    )
    documents, document_findings = judge_documents(submission)
    absent = sum(item.status == "absent" for item in documents)
    progress.stage("Annex 4", f"{len(documents)} items, {absent} absent, {len(document_findings)} findings")
    images = dict(declaration.images)
    facts = read_elf(submission.path_of(images["elf"])) if "elf" in images else None
    if facts is None:
        from swassess.errors import ImageError

        raise ImageError('the submission declares no ELF image; add [[image]] with role = "elf"')
    image, image_findings = summarise_image(submission.root, declaration, facts)
    progress.stage(
        "Image",
        f"{image.path}  {image.flash_used} B flash, {image.ram_used} B RAM; {image.producer}; "
        f"{len(image_findings)} findings",
    )
    sources, _, source_findings = summarise_sources(submission.root, declaration)
    progress.stage(
        "Sources",
        f"{len(sources.parsed) + len(sources.not_analysed)} units, {len(sources.parsed)} parsed, "
        f"{len(sources.not_analysed)} listed as not analysed; {sources.functions} functions, {sources.lines} lines",
    )
    return Papers(
        declaration, documents, image, facts, sources, (*document_findings, *image_findings, *source_findings)
    )
