from newsmill.text.remembered import Remembered


def test_each_word_is_made_once_and_room_is_bounded() -> None:
    made: list[str] = []

    def make(word: str) -> str:
        made.append(word)
        return word.upper()

    known = Remembered(make, entries=10, longest=5)
    for _ in range(3):
        assert [known[word] for word in ("a", "b", "longer")] == ["A", "B", "LONGER"]
    assert made == ["a", "b", "longer", "longer", "longer"]
    for number in range(1000):
        assert known[str(number)] == str(number)
        assert known["a"] == "A"
    assert len(known) <= 10
    assert made.count("a") == 1  # asked for again and again
