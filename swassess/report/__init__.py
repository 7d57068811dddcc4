"""Reports: evaluation.json, the HTML report and the console summary. They format what the evaluation says, no more."""
