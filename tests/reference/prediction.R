# Reference answers for analysis/methods/prediction.py, from heterogeneity_data.csv. Run from this folder with
# `Rscript prediction.R`; writes prediction_answers.csv and prediction_R_version.txt. `drawn` is what pimeta gives with a
# million draws (its interval is the plain one); `plain` and `modified` are the formula written out, with the distribution
# of Q by Imhof's integral; `first` and `last` the same for a centre that is among those known. `Rscript prediction.R known`
# makes only these two anew, since pimeta takes long.
suppressMessages(library(pimeta))

data <- read.csv("heterogeneity_data.csv")
imhof <- function(q, weights) {
  if (length(weights) == 1) return(pchisq(q / weights, 1))
  angle <- function(u) 0.5 * (colSums(atan(outer(weights, u))) - q * u)
  size <- function(u) exp(0.25 * colSums(log1p(outer(weights, u)^2)))
  upper <- 10^(7 / (1 + length(weights) / 2)) / mean(weights)
  step <- 2 * pi / q
  edges <- c(seq(0, 40 * step, step / 4), seq(40 * step, max(upper, 41 * step), length.out = 400))
  parts <- mapply(function(a, b) integrate(function(u) sin(angle(u)) / (u * size(u)), a, b, rel.tol = 1e-9,
                                           subdivisions = 2000, stop.on.error = FALSE)$value, head(edges, -1), edges[-1])
  0.5 - sum(parts) / pi
}
weights_of <- function(v, tau2) {
  w <- 1 / v
  s <- diag(sqrt(v + tau2))
  rev(eigen(s %*% (diag(w) - outer(w, w) / sum(w)) %*% s, symmetric = TRUE)$values)[-1]
}
written_out <- function(y, se, modified, own = NULL, parts = 6000, quantiles = 1000) {
  v <- se^2; k <- length(y); w <- 1 / v
  q <- sum(w * (y - sum(w * y) / sum(w))^2)
  place <- seq(0, 1, length.out = parts + 1)
  tau <- sqrt(mean(v)) * place / (1 - place)
  coarse <- seq(1, parts, by = 20)
  known <- sapply(tau[coarse]^2, function(t2) 1 - imhof(q, weights_of(v, t2)))
  below <- splinefun(c(place[coarse], 1), c(known, 1), method = "natural")(place)
  mass <- diff(below)
  middle <- (head(place, -1) + place[-1]) / 2
  tau <- c(0, sqrt(mean(v)) * middle / (1 - middle))
  mass <- c(below[1], mass)
  w <- outer(tau^2, v, function(a, b) 1 / (a + b))
  mean <- drop(w %*% y) / rowSums(w)
  ratio <- rowSums(w * (outer(-mean, y, "+"))^2) / (k - 1)
  se_mean <- sqrt((if (modified) pmax(1, ratio) else ratio) / rowSums(w))
  kept <- if (is.null(own)) 0 else tau^2 / (tau^2 + v[own])   # what the centre has to say of itself
  spread <- if (is.null(own)) tau else sqrt(kept * v[own])
  if (!is.null(own)) mean <- kept * y[own] + (1 - kept) * mean
  se_mean <- (1 - kept) * se_mean
  t <- qt((seq_len(quantiles) - 0.5) / quantiles, k - 1)
  at <- function(x) {
    each <- vapply(seq_along(tau)[-1], function(i) mean(pnorm((x - mean[i] + t * se_mean[i]) / spread[i])), 0)
    mass[1] * pt((x - mean[1]) / se_mean[1], k - 1) + sum(mass[-1] * each)
  }
  reach <- 100 * (sd(y) + max(se))
  sapply(c(0.025, 0.975), function(p) uniroot(function(x) at(x) - p, mean(y) + c(-reach, reach), tol = 1e-7, extendInt = "upX")$root)
}
answers <- data.frame(case = character(), method = character(), quantity = character(), value = numeric())
keep <- function(case, method, ends) {
  answers <<- rbind(answers, data.frame(case, method, quantity = c("new_low", "new_high"), value = ends))
}
anew <- !identical(commandArgs(trailingOnly = TRUE), "known")
if (!anew) answers <- subset(read.csv("prediction_answers.csv"), !method %in% c("first", "last"))
for (case in unique(data$case)) {
  own <- data[data$case == case, ]
  if (anew) {
    drawn <- pima(own$estimate, own$std_error, method = "boot", B = 1e6, seed = 1, upper = 1e9)
    keep(case, "drawn", c(drawn$lpi, drawn$upi))
  }
  # Imhof's integral is not to be had for a Q near nought, nor a uniform step in tau where the tails are as heavy as
  # those of two centres.
  if (case %in% c("very_alike", "two")) next
  if (anew) {
    keep(case, "plain", written_out(own$estimate, own$std_error, FALSE))
    keep(case, "modified", written_out(own$estimate, own$std_error, TRUE))
  }
  for (place in c(first = 1, last = nrow(own)))
    keep(case, if (place == 1) "first" else "last",
         written_out(own$estimate, own$std_error, TRUE, place, parts = 1500, quantiles = 400))
}
answers$value <- format(answers$value, digits = 10, trim = TRUE)
write.csv(answers, "prediction_answers.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("pimeta", packageVersion("pimeta"))), "prediction_R_version.txt")
