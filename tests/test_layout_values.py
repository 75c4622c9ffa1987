"""The plug-in entropy of small tables of other programs, worked out apart from mcdiv, in nats."""

import json
import math
from pathlib import Path

import pytest
from conftest import Command

#: the file, how it is read, and by sample its draws and its plug-in entropy
VALUES = {
    "samples in columns": (
        "a.tsv", "taxon\tS1\tS2\noak\t4\t0\nelm\t2\t3\nfir\t1\t5\n", "",
        {"S1": (7, 0.9556998911125343), "S2": (8, 0.6615632381579821)},
    ),
    "a commented header": (
        "a.tsv", "# made by a tool\n#OTU ID\tA\tB\n11\t3\t0\n12\t1\t4\n13\t0\t2\n", "",
        {"A": (4, 0.5623351446188083), "B": (6, 0.6365141682948128)},
    ),
    "a name in a remark": ("a.csv", "#clone\nAAC\nGGT\nGGT\nTTT\n", "--column clone", {"": (4, 1.0397207708399179)}),
    "words and counts": ("a.txt", "the 6\nof 3\nsea 1\n", "", {"": (10, 0.8979457248567797)}),
    "a spectrum of k-mers": ("a.txt", "1 40\n2 10\n3 4\n", "--layout spectrum", {"": (72, 3.9010231874158308)}),
    "a spectrum of tokens": (
        "a.csv", "rownames,nTokens,Freq\n1,1,40\n2,2,10\n3,3,4\n", "--spectrum nTokens,Freq",
        {"": (72, 3.9010231874158308)},
    ),
    "row numbers": ("a.csv", '"","x"\n"1","A"\n"2","A"\n"3","B"\n"4","A"\n', "", {"": (4, 0.5623351446188083)}),
    "names of rows that were selected": (
        "a.csv", '"","S1","S2","species"\n"5",4,0,"oak"\n"17",2,3,"elm"\n"8",1,5,"fir"\n', "--samples columns",
        {"S1": (7, 0.9556998911125343), "S2": (8, 0.6615632381579821)},
    ),
    "pandas' index": (
        "a.csv", ",species\n0,oak\n1,elm\n2,oak\n3,fir\n4,oak\n5,elm\n", "", {"": (6, 1.0114042647073516)}
    ),
    "specimens": (
        "a.csv", "specimen,species\n101,oak\n102,oak\n103,elm\n104,oak\n", "--column species",
        {"": (4, 0.5623351446188083)},
    ),
    "mothur": (
        "a.shared", "label\tGroup\tnumOtus\tOtu01\tOtu02\tOtu03\n1\tS1\t3\t4\t2\t1\n1\tS2\t3\t1\t0\t5\n", "",
        {"S1": (7, 0.9556998911125343), "S2": (6, 0.45056120886630463)},
    ),
    "totals": (
        "a.csv", "site,oak,elm,Total\na,3,1,4\nb,2,2,4\n", "",
        {"a": (4, 0.5623351446188083), "b": (4, 0.6931471805599453)},
    ),
    "a missing vote": ("a.csv", "vote\nA\nB\nNA\nA\n", "--missing drop", {"": (3, 0.6365141682948128)}),
    "position frequencies": (
        "a.txt", " 2 9 0\n1 0 5\n5 1 5\n2 0 0\n", "--samples columns",
        {"1": (10, 1.2206072645530175), "2": (10, 0.3250829733914482), "3": (10, math.log(2))},
    ),
    "rows of one name": (
        "a.csv", "habitat,sp1,sp2,sp3\nBF,3,0,4\nSF,0,2,2\nSF,5,1,0\nHF,1,1,1\n", "",
        {
            "BF": (7, 0.6829081047004717), "SF (row 2)": (4, 0.6931471805599453),
            "SF (row 3)": (6, 0.45056120886630463), "HF": (3, 1.0986122886681096),
        },
    ),
    "weights": ("a.csv", "sound,weight\ni,211.5\nu,1797.4\n", "", {"": (None, 0.3365350034175896)}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "options", "expected"), VALUES.values(), ids=VALUES)
def test_the_plug_in_of_a_table_is_that_of_its_counts(
    mcdiv_command: Command,
    folder: Path,
    name: str,
    text: str,
    options: str,
    expected: dict[str, tuple[int | None, float]],
) -> None:
    (folder / name).write_text(text)
    printed = json.loads(mcdiv_command("estimate", name, "-e", "plugin", "--json", *options.split()).stdout)
    found = {each["group"]: each["estimates"][0] for each in printed}
    assert {group: line["sample_size"] for group, line in found.items()} == {g: n for g, (n, _) in expected.items()}
    for group, (_, value) in expected.items():
        assert found[group]["value"] == pytest.approx(value, rel=1e-13)


def test_a_model_that_does_not_sum_to_1_is_divided_by_its_sum_only_where_that_is_said(
    mcdiv_command: Command, folder: Path
) -> None:
    (folder / "a.txt").write_text("7 3\n")
    (folder / "m.csv").write_text("k,p\n1,0.5\n2,0.3\n")
    told = mcdiv_command("estimate", "a.txt", "--model", "m.csv", code=2).stderr
    assert "m.csv: the column of probabilities sums to 0.8; probabilities must sum to 1" in told
    options = ("--model", "m.csv", "--normalise", "-e", "plugin", "--estimand", "kl_divergence", "--json")
    (group,) = json.loads(mcdiv_command("estimate", "a.txt", *options).stdout)
    assert group["read_as"].endswith("; Q divided by its sum (|sum − 1| = 0.2)")
    assert group["estimates"][0]["value"] == pytest.approx(
        0.7 * math.log(0.7 / 0.625) + 0.3 * math.log(0.3 / 0.375), rel=1e-12
    )
