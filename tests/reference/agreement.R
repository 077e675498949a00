# Answers of R for tests/test_agreement.py: agreement of coders on nominal codes, some of them missing.
# Run in this folder: Rscript agreement.R. It reads agreement_data.csv (unit, group, one column a coder; empty: not coded)
# and writes agreement_answers.csv. Cohen's kappa is that of the package psych; Fleiss' kappa and Krippendorff's alpha are
# written out from their definitions, pair of codes by pair of codes, since no package of the distribution has them.
library(psych)

data <- read.csv("agreement_data.csv", colClasses = "character", na.strings = "")
coders <- c("one", "two", "three")

pairwise_fleiss <- function(codes) {
  whole <- codes[complete.cases(codes), , drop = FALSE]
  equal <- c()
  for (unit in seq_len(nrow(whole))) {
    pairs <- combn(ncol(whole), 2)
    equal <- c(equal, mean(apply(pairs, 2, function(p) whole[unit, p[1]] == whole[unit, p[2]])))
  }
  shares <- table(unlist(whole)) / length(unlist(whole))
  (mean(equal) - sum(shares^2)) / (1 - sum(shares^2))
}

pairwise_alpha <- function(codes) {
  values <- c(); observed <- 0; n <- 0
  for (unit in seq_len(nrow(codes))) {
    own <- na.omit(unlist(codes[unit, ]))
    if (length(own) < 2) next
    for (i in seq_along(own)) for (j in seq_along(own)) if (i != j) {
      observed <- observed + (own[i] != own[j]) / (length(own) - 1)
    }
    values <- c(values, own); n <- n + length(own)
  }
  expected <- 0
  for (i in seq_along(values)) for (j in seq_along(values)) if (i != j) expected <- expected + (values[i] != values[j])
  1 - (observed / n) / (expected / (n * (n - 1)))
}

both <- na.omit(data[, c("one", "two")])
levels_of <- sort(unique(unlist(both)))
numbers <- sapply(both, function(x) match(x, levels_of))
answers <- data.frame(
  name = c("cohen_one_two", "fleiss_three", "alpha_three", "alpha_one_two", "alpha_group_a", "fleiss_one_two"),
  value = c(
    cohen.kappa(numbers)$kappa,
    pairwise_fleiss(data[, coders]),
    pairwise_alpha(data[, coders]),
    pairwise_alpha(data[, c("one", "two")]),
    pairwise_alpha(data[data$group == "a", coders]),
    pairwise_fleiss(data[, c("one", "two")])
  )
)
write.csv(format(answers, digits = 15), "agreement_answers.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("psych", packageVersion("psych"))), "agreement_R_version.txt")
