(function () {
  var field = document.getElementById("search"), said = document.getElementById("found");
  var entries = Array.prototype.slice.call(document.querySelectorAll("[data-entry]"));
  var groups = Array.prototype.slice.call(document.querySelectorAll("[data-group]"));
  var texts = entries.map(function (entry) { return entry.textContent.toLowerCase(); });
  field.parentNode.hidden = false;
  field.addEventListener("input", function () {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean), count = 0;
    entries.forEach(function (entry, number) {
      var has = words.every(function (word) { return texts[number].indexOf(word) >= 0; });
      entry.hidden = !has;
      count += has;
    });
    groups.forEach(function (group) { group.hidden = !group.querySelector("[data-entry]:not([hidden])"); });
    said.textContent = words.length ? count + " of " + entries.length + " entries" : "";
  });
})();
